"""When a wave is released by itself, and how much the pickers may have before them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from wms.picking.wave import Mode

# How long an order that could not be picked for now waits until the timer asks for it again.
WAITS = timedelta(seconds=30)
# For how many hours of their work pickers may have lines before them.
HOURS_AHEAD = 1
# Walks that only grew are planned anew once so large a share of their picks was added.
ADDED_SHARE_MIN = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that waits for a wave: since when, and until which time of day its carrier takes.

    One that is begun lacks what a walk did not find.
    """

    fulfilment_order_id: int
    since: datetime
    cut_off: time | None = None
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """When enough orders wait: so many, one for so long, or one whose cut-off comes so soon.

    For who cannot wait, walks are planned anew at most once in `replan_every`; see `replan_due`.
    """

    orders_min: int
    wait_max: timedelta
    lead: timedelta
    replan_every: timedelta = timedelta(minutes=1)
    mode: Mode = Mode.CLUSTER


def next_cut_off(cut_off: time, zone: str, now: datetime) -> datetime:
    """The next moment of a time of day, by the clocks of a time zone; now counts as next."""
    local = now.astimezone(ZoneInfo(zone))
    today = datetime.combine(local.date(), cut_off, local.tzinfo)
    return (
        today
        if today >= local
        else datetime.combine(today.date() + timedelta(1), cut_off, local.tzinfo)
    )


def due(waiting: Iterable[Waiting], rule: Rule, zone: str, now: datetime) -> tuple[int, ...] | None:
    """The orders that a wave is asked for now: none in particular means all; None is not yet.

    Where enough wait, all go. Otherwise those go whose cut-off comes within the lead.
    """
    orders = list(waiting)
    if not orders:
        return None
    if len(orders) >= rule.orders_min or now - min(w.since for w in orders) >= rule.wait_max:
        return ()
    return urgent(orders, rule, zone, now) or None


def urgent(waiting: Iterable[Waiting], rule: Rule, zone: str, now: datetime) -> tuple[int, ...]:
    """The orders whose cut-off comes within the lead."""
    return tuple(
        order.fulfilment_order_id
        for order in waiting
        if order.cut_off is not None and next_cut_off(order.cut_off, zone, now) - now <= rule.lead
    )


def lines_allowed(pickers: int, lines_per_picker_hour: int, open_lines: int) -> int | None:
    """How many more lines the pickers may have before them; None is without a limit."""
    if pickers == 0:
        return None
    return max(0, pickers * lines_per_picker_hour * HOURS_AHEAD - open_lines)


def within_capacity(
    lines_of: list[tuple[int, int]], allowed: int | None, open_lines: int
) -> tuple[list[int], list[tuple[int, str]]]:
    """Which orders, given with their lines, the pickers can take, and the others with the reason.

    Orders go in the sequence given, and nobody overtakes: once one is left out, so are those
    after it. An order that alone is more than an hour's work goes when nothing else is open.
    """
    if allowed is None:
        return [order_id for order_id, _ in lines_of], []
    taken: list[int] = []
    left_out: list[tuple[int, str]] = []
    used = 0
    for order_id, lines in lines_of:
        alone = open_lines == 0 and not taken
        if not left_out and (used + lines <= allowed or alone):
            taken.append(order_id)
            used += lines
        else:
            more = max(0, allowed - used)
            left_out.append((order_id, f"the pickers can take {more} more line(s) now"))
    return taken, left_out


def takeable(free: Iterable[int], lie: Iterable[tuple[int, int]]) -> tuple[set[int], set[int]]:
    """Which of the free carts, and which orders, can be taken back so that no order is parted.

    `lie` are pairs of a cart and an order on it, free carts and others. An order with a part on a
    cart that stays, stays, and so do all carts that hold a part of it.
    """
    carts_of: dict[int, set[int]] = {}
    orders_of: dict[int, set[int]] = {}
    for cart, order in lie:
        carts_of.setdefault(order, set()).add(cart)
        orders_of.setdefault(cart, set()).add(order)
    carts = set(free) & orders_of.keys()
    staying = [cart for cart in orders_of if cart not in carts]
    kept: set[int] = set()
    while staying:
        for order in orders_of[staying.pop()] - kept:
            kept.add(order)
            staying += carts_of[order] & carts
            carts -= carts_of[order]
    return carts, {order for order in carts_of if order not in kept}


def grown(picks_of: Mapping[int, tuple[int, int]], lie: Iterable[tuple[int, int]]) -> set[int]:
    """Which carts that can be taken back have grown so much that they are worth planning anew.

    Each is given with its open picks and how many of them short picks added. Carts that share
    orders go together or not at all, so their picks count together. `lie` is as in `takeable`.
    """
    group_of = {cart: {cart} for cart in picks_of}
    on_order: dict[int, int] = {}
    for cart, order in lie:
        if cart not in picks_of:
            continue
        group, other = group_of[cart], group_of[on_order.setdefault(order, cart)]
        if group is not other:
            group |= other
            for joined in other:
                group_of[joined] = group
    return {cart for cart, group in group_of.items() if _worth_it([picks_of[c] for c in group])}


def _worth_it(picks: list[tuple[int, int]]) -> bool:
    in_all = sum(number for number, _ in picks)
    added = sum(number for _, number in picks)
    return 0 < added >= ADDED_SHARE_MIN * in_all

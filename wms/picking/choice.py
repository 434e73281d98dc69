"""Which of the waiting orders a wave takes, where more wait than it can take.

Some have to go: whose cut-off comes soon, who has waited long enough, and always the first in rank.
Of the others those go whose goods lie together, so that each visited aisle gives most. Who is asked
for by name is not overtaken at all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite

from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from wms.picking.allocation import Bin, Want
from wms.picking.limit import Limits

# How full a chosen wave is at least: less would give more for each aisle, and too little in all.
FILLED = 0.9
ELSEWHERE = "goods of it lie in aisles that this wave does not visit"
TOO_LITTLE = "the aisles of this wave hold too little for it as well"
FULL = "this wave is full"
OVERTAKEN = "others whose goods lie closer together go before it"

Reasons = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order that waits: its lines, since when it can be picked, and when its carrier comes."""

    fulfilment_order_id: int
    lines: int
    since: datetime
    cut_off_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """The choice as `routing` answers it, and which orders and aisles its numbers mean."""

    problem: WaveProblem
    orders: tuple[int, ...]
    aisles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The orders that go, in their sequence, the aisles walked for them, and who does not go."""

    orders: tuple[int, ...]
    aisles: tuple[int, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()
    facts: dict[str, object] | None = None


def in_sequence(waiting: Iterable[Candidate], limits: Limits, now: datetime) -> list[Candidate]:
    """The same orders: those whose cut-off is near before all others, else as they came."""
    return sorted(waiting, key=lambda order: not is_urgent(order, limits, now))


def is_urgent(order: Candidate, limits: Limits, now: datetime) -> bool:
    """Whether an order has to be walked for now, or its carrier leaves without it."""
    return order.cut_off_at is not None and order.cut_off_at - now <= limits.lead


def have_to_go(waiting: Collection[Candidate], limits: Limits, now: datetime) -> set[int]:
    """Which orders go before all others, given in their sequence."""
    must = {
        order.fulfilment_order_id
        for order in waiting
        if is_urgent(order, limits, now) or now - order.since >= limits.overtaken_max
    }
    return must | {order.fulfilment_order_id for order in list(waiting)[:1]}


def fits(waiting: Collection[Candidate], lines_allowed: int | None, limits: Limits) -> bool:
    """Whether a wave takes all of them."""
    if len(waiting) > limits.orders_max:
        return False
    return lines_allowed is None or sum(order.lines for order in waiting) <= lines_allowed


def question_of(
    waiting: Collection[Candidate],
    wants: Collection[Want],
    bins: Iterable[Bin],
    must: Collection[int],
    lines_allowed: int | None,
    limits: Limits,
) -> Question | None:
    """What `routing` is asked, in whole units; None where nothing is in any bin."""
    orders = [order.fulfilment_order_id for order in waiting]
    wanted: dict[int, dict[int, int]] = {order: defaultdict(int) for order in orders}
    total_of: dict[int, int] = defaultdict(int)
    for want in wants:
        quantity = -(-want.quantity // want.whole)
        wanted[want.fulfilment_order_id][want.item_id] += quantity
        total_of[want.item_id] += quantity
    whole_of = {want.item_id: want.whole for want in wants}
    goods = _goods_by_aisle(bins, total_of, whole_of)
    if not goods:
        return None
    units = [sum(wanted[order].values()) for order in orders]
    share = min(1.0, limits.orders_max / len(orders))
    if lines_allowed is not None:
        share = min(share, lines_allowed / sum(order.lines for order in waiting))
    needed = sum(n for order, n in zip(orders, units, strict=True) if order in must)
    most = max(1, needed, int(sum(units) * share))
    aisles = sorted(goods)
    problem = WaveProblem(
        tuple(tuple(sorted(wanted[order].items())) for order in orders),
        tuple(tuple(sorted(goods[aisle].items())) for aisle in aisles),
        int(most * FILLED),
        most,
        frozenset(at for at, order in enumerate(orders) if order in must),
    )
    return Question(problem, tuple(orders), tuple(aisles))


def _goods_by_aisle(
    bins: Iterable[Bin], total_of: dict[int, int], whole_of: dict[int, int]
) -> dict[int, dict[int, int]]:
    """Whole units of each item by aisle: of goods that expire only those whose turn it is."""
    by_day: dict[int, dict[date, list[Bin]]] = defaultdict(lambda: defaultdict(list))
    for bin in bins:
        by_day[bin.item_id][bin.expires_on or date.max].append(bin)
    goods: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for item_id, days in by_day.items():
        left = total_of.get(item_id, 0)
        for day in sorted(days):
            if left <= 0:
                break
            for bin in days[day]:
                units = bin.free // whole_of.get(item_id, 1)
                goods[bin.aisle][item_id] += units
                left -= units
    return goods


def answer_of(question: Question, choice: WaveChoice) -> Chosen:
    """Reads a choice back. Who has to go is taken whatever the choice says of him."""
    must = {question.orders[at] for at in question.problem.must}
    taken = {question.orders[at] for at in choice.orders} | must
    why = _obstacles(question.problem, choice)
    return Chosen(
        tuple(
            [order for order in question.orders if order in must]
            + [order for order in question.orders if order in taken and order not in must]
        ),
        tuple(question.aisles[at] for at in choice.aisles),
        tuple((order, why[at]) for at, order in enumerate(question.orders) if order not in taken),
        {
            "waiting": len(question.orders),
            "units": choice.units,
            "aisles": len(choice.aisles),
            "units_per_aisle": round(choice.objective, 3),
            "bound": round(choice.bound, 3) if isfinite(choice.bound) else None,
            "method": choice.method,
        },
    )


def _obstacles(problem: WaveProblem, choice: WaveChoice) -> dict[int, str]:
    """What keeps each order that is not chosen out of the wave."""
    here: dict[int, int] = defaultdict(int)
    for aisle in choice.aisles:
        for item_id, units in problem.aisles[aisle]:
            here[item_id] += units
    rest = dict(here)
    for order in choice.orders:
        for item_id, units in problem.orders[order]:
            rest[item_id] = rest.get(item_id, 0) - units
    room = problem.units_max - choice.units
    why: dict[int, str] = {}
    for order in set(range(len(problem.orders))) - set(choice.orders):
        asked = problem.orders[order]
        if any(item_id not in here for item_id, _ in asked):
            why[order] = ELSEWHERE
        elif any(units > rest[item_id] for item_id, units in asked):
            why[order] = TOO_LITTLE
        elif sum(units for _, units in asked) > room:
            why[order] = FULL
        else:
            why[order] = OVERTAKEN
    return why

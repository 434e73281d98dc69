"""Proposals of what to buy or to fetch from another warehouse, and the moves of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil

from wms.replenishment.purchase import NO_TERMS, OrderTerms, PriceBreak, amount_of, price_for
from wms.state import follow


class State(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Event(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    SUPERSEDE = "supersede"


MOVES: dict[tuple[State, Event], State] = {
    (State.PROPOSED, Event.APPROVE): State.APPROVED,
    (State.PROPOSED, Event.REJECT): State.REJECTED,
    (State.PROPOSED, Event.SUPERSEDE): State.SUPERSEDED,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A proposal")


class Kind(StrEnum):
    """Bought from a supplier, or fetched from another warehouse of the house."""

    PURCHASE = "purchase"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a supplier sells of an item; quantities in smallest units, money in minor units.

    lead_days are what it says; late_days is how much longer its orders took on average, below 0
    where they took less, and spread_days the deviation of that: both 0 where too few are known.
    """

    supplier_id: int
    supplier: str
    lead_days: int
    late_days: float
    minimum: int
    multiple: int
    prices: tuple[PriceBreak, ...]
    spread_days: float = 0.0
    currency: str = ""
    terms: OrderTerms = NO_TERMS

    @property
    def days(self) -> int:
        """Whole days from the order to the dock, as it is to be expected."""
        return max(0, ceil(self.lead_days + self.late_days - 1e-9))


@dataclass(frozen=True, slots=True)
class Level:
    """What an item is held by in a warehouse, in smallest units.

    `reorder_point` covers the demand until goods that are ordered tomorrow are here;
    `safety_stock` is how much of it is above the demand expected meanwhile; `order_up_to` lies
    above it by the demand of the days for which one order is meant to last.
    """

    safety_stock: int
    reorder_point: int
    order_up_to: int

    def __post_init__(self) -> None:
        assert 0 <= self.safety_stock <= max(self.reorder_point, 0), "it is a part of the point"
        assert self.reorder_point <= self.order_up_to, "an order lifts the stock"


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of an item in a warehouse: free of promises, and coming beyond backorders."""

    item_id: int
    warehouse_id: int
    free: int
    coming: int
    level: Level

    @property
    def position(self) -> int:
        """What orders can be served with until the next goods are ordered."""
        return self.free + self.coming

    @property
    def wanted(self) -> int:
        """How much is to be got: nothing as long as the position is above the reorder point."""
        if self.position > self.level.reorder_point or self.level.order_up_to == 0:
            return 0
        return max(0, self.level.order_up_to - self.position)

    @property
    def spare(self) -> int:
        """How much of what lies here this warehouse will not miss."""
        return max(0, min(self.free, self.position - self.level.order_up_to))


@dataclass(frozen=True, slots=True)
class Fetch:
    """So much of an item from one warehouse to another."""

    item_id: int
    from_warehouse_id: int
    to_warehouse_id: int
    quantity: int


def share_out(standings: Sequence[Standing]) -> tuple[list[Fetch], list[tuple[Standing, int]]]:
    """What warehouses can give each other, and what is wanted beyond that.

    Whoever has the least against its reorder point is helped first, by whoever has the most to
    spare. No warehouse gives what it will miss itself.
    """
    fetches: list[Fetch] = []
    rest: list[tuple[Standing, int]] = []
    spare = {(each.item_id, each.warehouse_id): each.spare for each in standings}
    short = [each for each in standings if each.wanted]
    short.sort(key=lambda each: (each.position - each.level.reorder_point, each.warehouse_id))
    holders: dict[int, list[int]] = {}
    for item_id, warehouse_id in sorted(spare):
        holders.setdefault(item_id, []).append(warehouse_id)
    for each in short:
        missing = each.wanted
        by_most = sorted(holders[each.item_id], key=lambda at: (-spare[each.item_id, at], at))
        for giver in by_most:
            quantity = min(missing, spare[each.item_id, giver])
            if quantity == 0 or giver == each.warehouse_id:
                continue
            spare[each.item_id, giver] -= quantity
            missing -= quantity
            fetches.append(Fetch(each.item_id, giver, each.warehouse_id, quantity))
        if missing:
            rest.append((each, missing))
    return fetches, rest


@dataclass(frozen=True, slots=True)
class Buy:
    """So much of an offer, for so much money."""

    offer: Offer
    quantity: int
    amount_minor: int
    breaks_price: bool = False


def cheapest(offers: Sequence[Offer], quantity: int, scale: int) -> Buy | None:
    """Where so much costs least, in quantities that are sold; None where nobody sells it.

    More is bought where a lower price makes more cost no more.
    """
    buys = [_buy(offer, quantity, scale) for offer in offers]
    return min(buys, key=lambda buy: (buy.amount_minor / buy.quantity, _rank(buy)), default=None)


def _rank(buy: Buy) -> tuple[int, int]:
    return buy.offer.days, buy.offer.supplier_id


def _buy(offer: Offer, quantity: int, scale: int) -> Buy:
    least = allowed_from(quantity, offer.minimum, offer.multiple)
    best = _priced(offer, least, scale)
    for step in offer.prices:
        if step.from_quantity <= least:
            continue
        more = _priced(
            offer, allowed_from(step.from_quantity, offer.minimum, offer.multiple), scale
        )
        if more.amount_minor <= best.amount_minor:
            best = replace(more, breaks_price=True)
    return best


def _priced(offer: Offer, quantity: int, scale: int) -> Buy:
    price = price_for(quantity, offer.prices)
    return Buy(offer, quantity, amount_of(quantity, scale, price))


def allowed_from(quantity: int, minimum: int, multiple: int) -> int:
    """The least quantity from this on that can be ordered."""
    return -(-max(quantity, minimum) // multiple) * multiple

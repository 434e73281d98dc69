"""Purchase orders: what a supplier sells, for how much, and the only moves of an order to one."""

from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import pairwise

from wms.error import Refused
from wms.state import follow

LEAD_TIME_DAYS_MAX = 730


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    SEND = "send"
    CANCEL = "cancel"
    RECEIVE = "receive"
    CLOSE = "close"


MOVES: dict[tuple[State, Event], State] = {
    (State.DRAFT, Event.SEND): State.SENT,
    (State.DRAFT, Event.CANCEL): State.CANCELLED,
    (State.SENT, Event.CANCEL): State.CANCELLED,
    (State.SENT, Event.RECEIVE): State.RECEIVED,
    (State.SENT, Event.CLOSE): State.CLOSED,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "A purchase order")


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What holds for a whole order to a supplier, None where nothing was said.

    order_cost_minor: what one more order costs us. minimum_order_minor: the least it comes to.
    truck_mass_g, truck_volume_ml: what one truck takes.
    """

    order_cost_minor: int | None = None
    minimum_order_minor: int | None = None
    truck_mass_g: int | None = None
    truck_volume_ml: int | None = None

    def __post_init__(self) -> None:
        figures = (getattr(self, described.name) for described in fields(self))
        assert all(each is None or each > 0 for each in figures), "above 0, or left out"

    @property
    def truck(self) -> tuple[float, ...]:
        """What one truck takes, in the measures that are known."""
        both = (self.truck_mass_g, self.truck_volume_ml)
        return tuple(float(size) for size in both if size is not None)

    @property
    def joint(self) -> bool:
        """Whether an order is to reach something that one item alone may not reach."""
        return self.minimum_order_minor is not None or bool(self.truck)


NO_TERMS = OrderTerms()


@dataclass(frozen=True, slots=True)
class Supplier:
    """Somebody goods are bought from; money in minor units of one currency."""

    code: str
    name: str
    currency: str
    lead_time_days: int
    tolerance_percent: int = 0
    terms: OrderTerms = NO_TERMS


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """The price of one whole unit from a quantity on, in minor units."""

    from_quantity: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class SupplierItem:
    """What a supplier sells of an item, in smallest units; its lead time where it has its own.

    Raises:
        Refused: `bad_supplier_item`, naming the field.
    """

    minimum: int
    multiple: int
    prices: tuple[PriceBreak, ...]
    supplier_sku: str = ""
    lead_time_days: int | None = None

    def __post_init__(self) -> None:
        if not self.prices:
            raise Refused("bad_supplier_item", "There is at least one price.", "/prices")
        starts = [each.from_quantity for each in self.prices]
        if any(later <= earlier for earlier, later in pairwise(starts)):
            raise Refused(
                "bad_supplier_item", "Each price begins at more than the one before.", "/prices"
            )
        least = nearest_allowed(1, self.minimum, self.multiple)
        if starts[0] > least:
            raise Refused(
                "bad_supplier_item",
                "The first price begins at the least quantity that can be ordered, or below.",
                "/prices/0/from_quantity",
            )


@dataclass(frozen=True, slots=True)
class Terms:
    """What a supplier sells of an item, as the border speaks it: decimals for scaled items.

    Each price is of one whole unit, from a quantity on.
    """

    minimum: int | str
    multiple: int | str
    prices: tuple[tuple[int | str, int], ...]
    supplier_sku: str = ""
    lead_time_days: int | None = None


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line as it is asked for: a quantity as the border speaks it, in some unit of the item."""

    sku: str
    quantity: int | str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """A purchase order as it is asked for."""

    supplier: str
    lines: tuple[WantedLine, ...]
    reference: str = ""
    warehouse: str | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line in smallest units, with the price of a whole unit and what it comes to."""

    item_id: int
    quantity: int
    price_minor: int
    amount_minor: int


def canonical_code(code: str) -> str:
    """The one spelling of a supplier's code: upper case, no space around it."""
    return code.strip().upper()


def nearest_allowed(quantity: int, minimum: int, multiple: int) -> int:
    """The quantity nearest to this that can be ordered; of two as near, the larger."""
    least = -(-minimum // multiple) * multiple
    below = quantity // multiple * multiple
    above = below if below == quantity else below + multiple
    nearest = below if quantity - below < above - quantity else above
    return max(least, nearest)


def price_for(quantity: int, prices: tuple[PriceBreak, ...]) -> int:
    """The price of a whole unit at this quantity: that of the largest break it reaches.

    The breaks ascend, and the first is reached by every quantity that can be ordered.
    """
    reached = [each.price_minor for each in prices if each.from_quantity <= quantity]
    assert reached, "the first price begins at the least quantity, or below"
    return reached[-1]


def amount_of(quantity: int, scale: int, price_minor: int) -> int:
    """What smallest units come to at the price of a whole one, rounded half up."""
    whole: int = 10**scale
    return (2 * quantity * price_minor + whole) // (2 * whole)

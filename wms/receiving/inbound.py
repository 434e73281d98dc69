"""Inbound shipments: what is announced, what comes, and the only moves between their states."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from wms.state import follow

# How long a sample waits for its inspection before orders should be told of a later day.
INSPECTION_LASTS = timedelta(days=1)
# An announcement that is overdue is next looked for after this time.
LATE_BY = timedelta(days=1)


class Kind(StrEnum):
    """Announced by an ASN, come without a word, or sent back by a customer."""

    ASN = "asn"
    BLIND = "blind"
    RETURN = "return"


class State(StrEnum):
    ANNOUNCED = "announced"
    RECEIVING = "receiving"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    RECEIVE = "receive"
    CLOSE = "close"
    CANCEL = "cancel"


MOVES: dict[tuple[State, Event], State] = {
    (State.ANNOUNCED, Event.RECEIVE): State.RECEIVING,
    (State.ANNOUNCED, Event.CLOSE): State.CLOSED,
    (State.ANNOUNCED, Event.CANCEL): State.CANCELLED,
    (State.RECEIVING, Event.RECEIVE): State.RECEIVING,
    (State.RECEIVING, Event.CLOSE): State.CLOSED,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`, the table does not list this pair.
    """
    return follow(MOVES, state, event, "An inbound shipment")


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """A line as it is announced: a quantity as the border speaks it, in some unit of the item."""

    sku: str
    quantity: int | str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class NewInbound:
    """A shipment as it is announced. A return names its order; only an ASN has a date."""

    kind: Kind
    lines: tuple[AnnouncedLine, ...] = ()
    reference: str = ""
    warehouse: str | None = None
    supplier: str | None = None
    order_id: int | None = None
    tolerance_percent: int = 0
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """A line of an announcement in smallest units; without a most, anything may come."""

    item_id: int
    expected: int
    received_max: int | None


class Condition(StrEnum):
    """What whoever opened the box saw."""

    GOOD = "good"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ArrivedLine:
    """Goods of one item as they were taken in: a quantity as the border speaks it.

    Items with serial numbers name each of them. Without a place the first receiving place is
    meant; `unit_code` is the handling unit (LPN) they stand on.
    """

    sku: str
    quantity: int | str
    unit: str = ""
    lot: str = ""
    serials: tuple[str, ...] = ()
    expires_on: date | None = None
    condition: Condition = Condition.GOOD
    place: str | None = None
    unit_code: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What came of an item against what was announced, in smallest units."""

    sku: str
    scale: int
    expected: int
    received: int
    damaged: int
    held: int

    @property
    def over(self) -> int:
        """How much more came than was announced."""
        return max(0, self.received - self.expected)

    @property
    def under(self) -> int:
        """How much of what was announced has not come."""
        return max(0, self.expected - self.received)

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.over or self.under or self.damaged or self.held)


def most_of(expected: int, tolerance_percent: int) -> int:
    """How much may come where so much was announced."""
    return expected + expected * tolerance_percent // 100


def sample_of(quantity: int, percent: int, good_before: int, sampled_before: int) -> int:
    """How much of good goods that come now is inspected.

    After every receipt the samples of a shipment's line come to its share of all good goods that
    came, rounded up, however many receipts they came in.
    """
    due = -(-(good_before + quantity) * percent // 100)
    return min(quantity, max(0, due - sampled_before))


def still_to_come(state: State, kind: Kind, expected: int, received: int) -> int:
    """How much of an announced line orders may still be promised from."""
    if kind is not Kind.ASN or state not in (State.ANNOUNCED, State.RECEIVING):
        return 0
    return max(0, expected - received)


def supply_at(expected_at: datetime, now: datetime) -> datetime:
    """The day that orders are promised from: as announced, or later once that is past."""
    return expected_at if expected_at > now else now + LATE_BY


def line_source(inbound_id: int, line: int) -> str:
    """The name of an announced line as a supply that orders may be promised from."""
    return f"inbound/{inbound_id}/{line}"


def inspection_source(inspection_id: int) -> str:
    """The name of a sample in quarantine as a supply that orders may be promised from."""
    return f"inspection/{inspection_id}"


def label_of(inbound_id: int) -> str:
    """What is printed on a shipment's papers and scanned at the dock."""
    return f"IN-{inbound_id}"

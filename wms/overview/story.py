"""One order's whole way through the house, and the rows of the order list."""

from dataclasses import dataclass
from datetime import datetime

from wms.overview.pipeline import Happening, Stage


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as the list shows it."""

    order_id: int
    external_order_id: str
    stage: str
    payment_state: str
    customer: str
    city: str
    country: str
    lines: int
    units: int
    total_minor: int
    currency: str
    received_at: datetime
    handed_over_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of the order with how far it has come, and its promise."""

    line: int
    sku: str
    name: str
    quantity: int
    picked: int
    packed: int
    promise: str | None
    promise_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryFulfilment:
    """One fulfilment order with the moments it passed."""

    fulfilment_order_id: int
    state: str
    packing_place: str | None
    firm_at: datetime | None
    waybill_ready_at: datetime | None
    released_at: datetime | None
    picked_at: datetime | None
    sorted_at: datetime | None
    packed_at: datetime | None
    handed_over_at: datetime | None
    warehouse: str = ""
    units: int = 0


@dataclass(frozen=True, slots=True)
class StoryHold:
    """What keeps the order back: whose it is to look, until when, and since when it is overdue."""

    kind: str
    reason: str
    owned_by: str
    until: datetime
    overdue_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryTask:
    """One pick: where, what, by whom, on which wave's cart."""

    wave_id: int
    cart: int
    tote: str | None
    place: str
    sku: str
    quantity: int
    picked: int
    state: str
    picker: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryParcel:
    """One parcel with its waybill's four clocks; none stands for another."""

    number: int
    carton: str
    planned_carton: str
    state: str
    mass_g: int
    sscc: str | None
    tracking_number: str | None
    routing_code: str | None
    waybill_state: str | None
    void_reason: str | None
    ready_at: datetime | None
    told_at: datetime | None
    label_printed_at: datetime | None
    carrier_accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderStory:
    """Everything known of one order."""

    row: OrderRow
    stage: Stage | None
    service: str
    ship_to: tuple[str, ...]
    admission: int
    placed_at: datetime
    paid_at: datetime | None
    lines: tuple[StoryLine, ...]
    fulfilments: tuple[StoryFulfilment, ...]
    tasks: tuple[StoryTask, ...]
    parcels: tuple[StoryParcel, ...]
    happenings: tuple[Happening, ...]
    holds: tuple[StoryHold, ...] = ()
    touches: int = 0
    note: str = ""

"""What shops get about orders."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from api.orders.messages import Address, Customer
from api.orders.money import Money
from api.orders.payment_messages import PaymentView
from wms.orders.order import Fulfilment
from wms.orders.payment import PaymentState


class WordsView(BaseModel):
    """What somebody wrote; the words of whoever was forgotten are empty."""

    text: str = ""


class OrderLineView(BaseModel):
    line: int
    sku: str
    name: str
    quantity: int | str
    unit: str
    unit_price: Money
    shelf_life_min_days: int
    promise: Literal["none", "open", "firm", "kept", "expired", "freed"]
    expected_at: AwareDatetime | None
    cancelled: Annotated[int | str, Field(description="of the quantity, what will never ship")]
    picked: int | str | None
    packed: int | str | None
    gift_message: WordsView | None = None
    inserted_by: Annotated[
        str | None, Field(description="the shop's rule that added it, at no price")
    ] = None
    insert_kind: Literal["gift", "insert"] | None = None


class PortionView(BaseModel):
    """How much of an order's line a fulfilment order has, in the line's unit."""

    line: int
    quantity: int | str


class FulfilmentOrderView(BaseModel):
    """A part of an order that ships from one warehouse; `source` is why from that one."""

    id: int
    warehouse: str
    source: str
    lines: list[PortionView]
    state: str
    version: int
    due_at: Annotated[
        AwareDatetime | None, Field(description="the day that a scheduled one waits for")
    ] = None
    firm_at: AwareDatetime | None
    waybill_ready_at: AwareDatetime | None
    pickup_requested_at: AwareDatetime | None
    at_risk_at: Annotated[
        AwareDatetime | None,
        Field(description="when it was told that its waybill and its pickup may come too late"),
    ] = None
    released_at: AwareDatetime | None
    picked_at: AwareDatetime | None
    sorted_at: AwareDatetime | None
    packed_at: AwareDatetime | None
    handed_over_at: AwareDatetime | None


class HoldView(BaseModel):
    """What keeps a fulfilment order back; `owned_by` is who has to look at it until then."""

    id: int
    fulfilment_order_id: int
    kind: str
    reason: str
    owned_by: str
    until: AwareDatetime
    overdue_at: Annotated[
        AwareDatetime | None, Field(description="when its owner was told that its time is over")
    ] = None
    made_by: str
    lifted_at: AwareDatetime | None
    lifted_by: str | None


class EtaView(BaseModel):
    """When a parcel is expected; of ten, about eight come between earliest and latest."""

    earliest: AwareDatetime
    expected: AwareDatetime
    latest: AwareDatetime


class ParcelView(BaseModel):
    """A parcel with its waybill. eta: while one of the house's own vans is to bring it."""

    id: int
    fulfilment_order_id: int
    number: int
    carton: str
    state: str
    mass_g: int
    sscc: str | None
    tracking_number: str | None
    carrier: str | None
    waybill_state: str | None
    waybill_ready_at: AwareDatetime | None
    pickup_requested_at: AwareDatetime | None
    label_printed_at: AwareDatetime | None
    carrier_accepted_at: AwareDatetime | None
    eta: EtaView | None = None
    delivered_at: AwareDatetime | None = None


class EventView(BaseModel):
    at: AwareDatetime
    type: str
    actor: str
    data: dict[str, object]


class PromisedShipment(BaseModel):
    """What was promised of one of several shipments: its lines, and its days."""

    warehouse: str
    lines: list[int]
    earliest: date
    likely: date
    latest: date


class DeliveryView(BaseModel):
    """What the buyer was promised by the quote; days are those of `time_zone`, where it goes.

    By `latest` all of it is there, and the shipments each by their own. Where the address was put
    right too late for the days of the quote, they are those that were reckoned then: `redated_at`.
    """

    quote_id: int
    option: str
    name: str
    kind: str
    carrier: Annotated[str | None, Field(description="that brings it, where the option says")] = (
        None
    )
    warehouse: str
    fee: Money
    earliest: date
    likely: date
    latest: date
    time_zone: str
    region: str = ""
    pickup_at: AwareDatetime
    shipments: list[PromisedShipment] = []
    redated_at: AwareDatetime | None = None


class OrderView(BaseModel):
    """An order with everything that is known of it."""

    id: int
    external_order_id: str
    version: Annotated[int, Field(description="as `ETag` and `If-Match` say it")]
    state: Literal["received", "accepted", "rejected", "cancelled"]
    payment_state: PaymentState
    admission: int
    placed_at: AwareDatetime
    received_at: AwareDatetime
    paid_at: AwareDatetime | None
    promise_expires_at: AwareDatetime | None
    expected_at: AwareDatetime | None
    total: Annotated[Money, Field(description="as it was ordered, and edited since")]
    current_total: Annotated[
        Money,
        Field(description="of the total, without what was closed short; 0 of a cancelled order"),
    ]
    refunded: Annotated[Money, Field(description="of what was paid")]
    payments: Annotated[
        list[PaymentView], Field(description="all that the gateway told, as it came")
    ] = []
    customer: Customer | None
    ship_to: Address
    service: str
    channel: str
    backorder: bool
    fulfilment: Fulfilment
    language: str
    sandbox: bool
    delivery: DeliveryView | None = None
    gift_message: WordsView | None = None
    buyer_note: WordsView | None = None
    lines: list[OrderLineView]
    fulfilment_orders: list[FulfilmentOrderView]
    holds: list[HoldView]
    parcels: list[ParcelView]
    human_touches: Annotated[
        int,
        Field(description="decisions of the staff that it needed; picking and packing are none"),
    ] = 0
    timeline: list[EventView] | None = None


class OrderSummary(BaseModel):
    id: int
    external_order_id: str
    state: str
    payment_state: str
    fulfilment_state: str | None
    admission: int
    received_at: AwareDatetime


class OrderList(BaseModel):
    items: list[OrderSummary]
    next: str | None


class BulkAnswer(BaseModel):
    """One answer an order, in the order asked."""

    answers: list[dict[str, object]]

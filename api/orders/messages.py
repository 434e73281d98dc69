"""What shops send and get about orders."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Moment
from api.quantity import Quantity
from wms.orders.order import NewLine, NewOrder, NewPayment
from wms.outbox.command import body_hash

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NO_NUL
]
LINES_MAX = 2_000
SHELF_LIFE_DAYS_MAX = 3_650
AMOUNT_MAX = 10**12


class Closed(BaseModel):
    """A message that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class Money(Closed):
    amount_minor: Annotated[int, Field(strict=True, ge=0, le=AMOUNT_MAX)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Customer(Closed):
    name: Text
    email: Annotated[str, StringConstraints(max_length=320), NO_NUL] | None = None
    reference: Annotated[str, StringConstraints(max_length=100), NO_NUL] | None = None


class Address(Closed):
    name: Text
    lines: Annotated[list[Text], Field(min_length=1, max_length=5)]
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), NO_NUL] = (
        ""
    )
    city: Text
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class OrderLine(Closed):
    sku: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL
    ]
    quantity: Quantity
    unit: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=20),
        NO_NUL,
        Field(description="a packaging, as `case`; without one, the item's own unit"),
    ] = ""
    unit_price: Annotated[Money, Field(description="of one of that unit")]
    shelf_life_min_days: Annotated[
        int, Field(strict=True, ge=0, le=SHELF_LIFE_DAYS_MAX, description="left when picked")
    ] = 0

    def line(self) -> NewLine:
        """The line in the house's own words."""
        return NewLine(
            self.sku,
            self.quantity,
            self.unit_price.amount_minor,
            self.unit,
            self.shelf_life_min_days,
        )


class OrderRequest(Closed):
    """An order as a shop pushes it; a missing customer is a guest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "external_order_id": "536365",
                    "placed_at": "2010-12-01T08:26:00+00:00",
                    "currency": "GBP",
                    "customer": {"name": "Ada Merton", "reference": "17850"},
                    "ship_to": {
                        "name": "Ada Merton",
                        "lines": ["12 Mill Lane"],
                        "postal_code": "LU1 2AB",
                        "city": "Luton",
                        "country": "GB",
                    },
                    "lines": [
                        {
                            "sku": "85123A",
                            "quantity": 6,
                            "unit_price": {"amount_minor": 255, "currency": "GBP"},
                        }
                    ],
                }
            ]
        },
    )

    external_order_id: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL
    ]
    placed_at: Moment
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    customer: Customer | None = None
    ship_to: Address
    service: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] = "standard"
    lines: Annotated[list[OrderLine], Field(min_length=1, max_length=LINES_MAX)]
    shipping: Money | None = None
    buyer_note: Annotated[str, StringConstraints(max_length=2_000), NO_NUL] | None = None
    backorder: Annotated[
        bool, Field(strict=True, description="goods that are on their way will do")
    ] = False

    def order(self) -> NewOrder:
        """The order in the house's own words; what the buyer pays are the lines and the postage."""
        lines = tuple(line.line() for line in self.lines)
        postage = self.shipping.amount_minor if self.shipping else 0
        return NewOrder(
            self.external_order_id,
            self.placed_at,
            self.currency,
            {} if self.customer is None else self.customer.model_dump(),
            self.ship_to.model_dump(),
            self.service,
            lines,
            sum(line.price_minor() for line in lines) + postage,
            body_hash(self.model_dump(mode="json")),
            self.backorder,
        )


class BulkRequest(Closed):
    orders: Annotated[list[OrderRequest], Field(min_length=1, max_length=500)]


class PaymentRequest(Closed):
    """What the shop's payment gateway says; the full amount makes the order firm."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "state": "paid",
                    "amount": {"amount_minor": 1530, "currency": "GBP"},
                    "reference": "ch_3NqW",
                    "at": "2010-12-01T08:26:30+00:00",
                }
            ]
        },
    )

    state: Literal["pending", "authorised", "paid", "failed", "refunded"]
    amount: Money
    reference: Annotated[str, StringConstraints(max_length=200), NO_NUL] = ""
    at: Moment

    def payment(self) -> NewPayment:
        """The payment in the house's own words."""
        return NewPayment(
            self.state, self.amount.amount_minor, self.amount.currency, self.reference, self.at
        )


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
    picked: int | str | None
    packed: int | str | None


class FulfilmentOrderView(BaseModel):
    id: int
    warehouse: str
    state: str
    version: int
    firm_at: AwareDatetime | None
    waybill_ready_at: AwareDatetime | None
    pickup_requested_at: AwareDatetime | None
    released_at: AwareDatetime | None
    picked_at: AwareDatetime | None
    sorted_at: AwareDatetime | None
    packed_at: AwareDatetime | None
    handed_over_at: AwareDatetime | None


class HoldView(BaseModel):
    id: int
    fulfilment_order_id: int
    kind: str
    reason: str
    owned_by: str
    until: AwareDatetime
    lifted_at: AwareDatetime | None


class EtaView(BaseModel):
    """When a parcel is expected; of ten, about eight come between earliest and latest."""

    earliest: AwareDatetime
    expected: AwareDatetime
    latest: AwareDatetime


class ParcelView(BaseModel):
    """A parcel with its waybill. eta: while one of the house's own vans is to bring it."""

    id: int
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


class OrderView(BaseModel):
    """An order with everything that is known of it."""

    id: int
    external_order_id: str
    state: Literal["received", "accepted", "rejected", "cancelled"]
    payment_state: Literal["pending", "authorised", "paid", "failed", "refunded"]
    admission: int
    placed_at: AwareDatetime
    received_at: AwareDatetime
    paid_at: AwareDatetime | None
    promise_expires_at: AwareDatetime | None
    expected_at: AwareDatetime | None
    total: Money
    customer: Customer | None
    ship_to: Address
    service: str
    channel: str
    backorder: bool
    sandbox: bool
    lines: list[OrderLineView]
    fulfilment_orders: list[FulfilmentOrderView]
    holds: list[HoldView]
    parcels: list[ParcelView]
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

"""What shops send about orders."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.card import refuse_card_data
from api.field import NO_NUL, ROW_MAX, Moment
from api.orders import money
from api.quantity import Quantity
from wms.address.phone import PHONE_MAX, canonical_phone
from wms.error import Refused
from wms.orders.order import Fulfilment, NewLine, NewOrder
from wms.outbox.command import body_hash

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NO_NUL
]
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=PHONE_MAX),
    NO_NUL,
    Field(description="kept in E.164 where it is a number of the country, else as it is written"),
]
GiftMessage = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    NO_NUL,
    Field(description="words of whoever gives it, for whoever gets it"),
]
LINES_MAX = 2_000
SHELF_LIFE_DAYS_MAX = 3_650
# As long as other shop systems let a buyer write, with the properties of an order's lines.
NOTE_MAX = 10_000


Closed = money.Closed
Money = money.Money


class Customer(Closed):
    name: Text
    email: Annotated[str, StringConstraints(max_length=320), NO_NUL] | None = None
    reference: Annotated[str, StringConstraints(max_length=100), NO_NUL] | None = None
    phone: Phone | None = None

    def plain(self, country: str) -> dict[str, object]:
        """The customer in the house's own words; a telephone number is one of that country."""
        said = self.model_dump()
        if self.phone is not None:
            said["phone"] = canonical_phone(self.phone, country)
        return said


class Address(Closed):
    """Where goods go; what it says is shown as text, whatever it says."""

    name: Text
    lines: Annotated[list[Text], Field(min_length=1, max_length=5)]
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), NO_NUL] = (
        ""
    )
    city: Text
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    region: Annotated[Text, Field(description="state or province")] | None = None
    district: Annotated[Text, Field(description="of the city, as in China")] | None = None
    phone: Phone | None = None

    def plain(self) -> dict[str, object]:
        """The address in the house's own words, its telephone number in E.164 where it can be."""
        said = self.model_dump()
        if self.phone is not None:
            said["phone"] = canonical_phone(self.phone, self.country)
        return said


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
    gift_message: GiftMessage | None = None

    def line(self) -> NewLine:
        """The line in the house's own words."""
        return NewLine(
            self.sku,
            self.quantity,
            self.unit_price.amount_minor,
            self.unit,
            self.shelf_life_min_days,
            self.gift_message,
        )


EXAMPLE: dict[str, Any] = {
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


class OrderRequest(Closed):
    """An order as a shop pushes it; a missing customer is a guest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [EXAMPLE]},
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
    total: Annotated[
        Money | None,
        Field(description="what the buyer was shown; held where the order comes to something else"),
    ] = None
    buyer_note: Annotated[
        Annotated[str, StringConstraints(max_length=NOTE_MAX), NO_NUL] | None,
        Field(description="what the buyer wrote; whoever packs the order sees it"),
    ] = None
    backorder: Annotated[
        bool, Field(strict=True, description="goods that are on their way will do")
    ] = False
    fulfilment: Annotated[
        Fulfilment,
        Field(
            description="what becomes of it where not all is there: `fill_or_kill` refuses it; "
            "`fill_available` ships what is there, lets the rest wait for what is on its way, and "
            "cancels what neither is; `ship_together` has all or is refused, and waits for all "
            "where `backorder` says so"
        ),
    ] = Fulfilment.SHIP_TOGETHER
    language: Annotated[
        Literal["en", "zh"], Field(description="of the news that the buyer gets")
    ] = "en"
    quote_id: Annotated[
        int | None,
        Field(ge=1, le=ROW_MAX, description="the quote that the buyer has seen; with its option"),
    ] = None
    delivery_option: Annotated[
        str | None,
        StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"),
        Field(description="of that quote; the order's service follows it"),
    ] = None
    buyer_class: Annotated[
        str | None,
        StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"),
        Field(description="the shop's word for a kind of buyers, as its sales name it"),
    ] = None
    admission_id: Annotated[
        int | None, Field(ge=1, le=ROW_MAX, description="the buyer's ticket of a sale's queue")
    ] = None
    gift_message: GiftMessage | None = None

    @model_validator(mode="after")
    def _quote_with_its_option(self) -> Self:
        if (self.quote_id is None) != (self.delivery_option is None):
            raise ValueError("quote_id and delivery_option go together")
        return self

    def order(self) -> NewOrder:
        """The order in the house's own words; what the buyer pays are the lines and the postage.

        Raises:
            Refused: `card_data`, `wrong_currency`.
        """
        refuse_card_data(self)
        self._refuse_other_currency()
        lines = tuple(line.line() for line in self.lines)
        postage = self.shipping.amount_minor if self.shipping else 0
        return NewOrder(
            self.external_order_id,
            self.placed_at,
            self.currency,
            {} if self.customer is None else self.customer.plain(self.ship_to.country),
            self.ship_to.plain(),
            self.service,
            lines,
            sum(line.price_minor() for line in lines) + postage,
            # What is left out and what is said as it would be anyway are the same order.
            body_hash(self.model_dump(mode="json", exclude_defaults=True)),
            self.backorder,
            self.fulfilment,
            self.language,
            self.quote_id,
            self.delivery_option,
            None if self.total is None else self.total.amount_minor,
            self.buyer_class or "",
            self.admission_id,
            self.gift_message,
            self.buyer_note,
        )

    def _refuse_other_currency(self) -> None:
        prices = [
            (f"/lines/{at}/unit_price", line.unit_price) for at, line in enumerate(self.lines)
        ]
        prices += [
            (f"/{name}", amount)
            for name, amount in (("shipping", self.shipping), ("total", self.total))
            if amount is not None
        ]
        for pointer, amount in prices:
            if amount.currency != self.currency:
                raise Refused(
                    "wrong_currency", f"The order is in {self.currency}.", f"{pointer}/currency"
                )


class BulkRequest(Closed):
    """Orders, each with an answer of its own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"orders": [EXAMPLE]}]},
    )

    orders: Annotated[list[OrderRequest], Field(min_length=1, max_length=500)]

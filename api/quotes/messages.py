"""What is asked and said of deliveries: the options there are, and their dates for given lines."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, TimeOfDay, Words
from api.orders.messages import LINES_MAX, Money
from api.quantity import Quantity
from wms.journey.order.quote import Asked
from wms.orders.order import Fulfilment, NewLine
from wms.quote.option import (
    LIST_MAX,
    NAME_MAX,
    PACKING_MINUTES_MAX,
    TRANSIT_DAYS_MAX,
    DeliveryOption,
    Kind,
)

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
PostalCode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), NO_NUL]
Weekday = Annotated[int, Field(ge=1, le=7)]
OptionCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
TransitDays = Annotated[int, Field(ge=0, le=TRANSIT_DAYS_MAX)]
Minutes = Annotated[int, Field(ge=0, le=PACKING_MINUTES_MAX)]


class OptionRequest(BaseModel):
    """A delivery option, whole; times of day are by the clocks of the warehouse.

    An order that is in by `cut_off` goes with the pickup at `pickup_time` that follows it. Days are
    those of ISO 8601, Monday 1 to Sunday 7. Transit counts days on which the carrier delivers.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Standard",
                    "kind": "standard",
                    "service": "standard",
                    "countries": ["GB"],
                    "cut_off": "15:00:00",
                    "pickup_time": "18:00:00",
                    "transit_days_low": 1,
                    "transit_days_high": 3,
                    "fee": {"amount_minor": 395, "currency": "GBP"},
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX), NO_NUL]
    kind: Kind
    cut_off: TimeOfDay
    pickup_time: TimeOfDay
    transit_days_low: TransitDays
    transit_days_high: TransitDays
    fee: Money
    service: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] = "standard"
    carrier: Words | None = None
    countries: Annotated[
        list[Country], Field(max_length=LIST_MAX, description="without any, it goes everywhere")
    ] = []
    postal_prefixes: Annotated[list[PostalCode], Field(max_length=LIST_MAX)] = []
    pickup_days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] = [1, 2, 3, 4, 5]
    delivery_days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] = [1, 2, 3, 4, 5]
    packing_minutes: Annotated[Minutes, Field(description="half of the orders are packed in")] = 30
    packing_minutes_high: Annotated[Minutes, Field(description="nine of ten are")] = 120
    works_holidays: bool = False
    active: bool = True

    def option(self, code: str) -> DeliveryOption:
        """The option in the house's own words.

        Raises:
            Refused: `bad_option`.
        """
        told = self.model_dump(exclude={"fee"})
        return DeliveryOption(
            code=code,
            fee_minor=self.fee.amount_minor,
            currency=self.fee.currency,
            **told
            | {
                "countries": tuple(self.countries),
                "postal_prefixes": tuple(self.postal_prefixes),
                "pickup_days": frozenset(self.pickup_days),
                "delivery_days": frozenset(self.delivery_days),
            },
        )


class OptionView(OptionRequest):
    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": []})

    code: str
    warehouse: str


class OfferedOption(BaseModel):
    """An option with its fee, and the pickup that an order placed now could catch."""

    code: str
    name: str
    kind: Kind
    service: str
    carrier: str | None
    warehouse: str
    fee: Money
    cut_off: TimeOfDay
    time_zone: Annotated[str, Field(description="of the warehouse, by whose clocks it goes")]
    next_cut_off_at: AwareDatetime
    next_pickup_at: AwareDatetime
    pickup_days: list[int]
    delivery_days: list[int]
    transit_days_low: int
    transit_days_high: int
    countries: list[str]


class OptionList(BaseModel):
    items: list[OfferedOption]


class QuoteLine(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL
    ]
    quantity: Quantity
    unit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), NO_NUL] = ""


class QuoteTo(BaseModel):
    """Where it would go, as far as a date has to know it: no name and no street."""

    model_config = ConfigDict(extra="forbid")

    country: Country
    postal_code: PostalCode = ""
    region: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Z0-9]{0,3}$"),
        Field(description="the ISO 3166-2 code of the part, as BY, whose holidays are kept"),
    ] = ""
    time_zone: Annotated[
        Words | None,
        Field(description="as Europe/Berlin; without one, the country's, the latest of several"),
    ] = None


class QuoteRequest(BaseModel):
    """Lines as an order has them, and where they would go."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "lines": [{"sku": "85123A", "quantity": 6}],
                    "ship_to": {"country": "GB", "postal_code": "LU1 2AB"},
                }
            ]
        },
    )

    lines: Annotated[list[QuoteLine], Field(min_length=1, max_length=LINES_MAX)]
    ship_to: QuoteTo
    options: Annotated[
        list[OptionCode], Field(max_length=50, description="only these; without any, all")
    ] = []
    fulfilment: Annotated[
        Fulfilment,
        Field(description="what the order will say of goods that are not all there"),
    ] = Fulfilment.SHIP_TOGETHER

    def asked(self) -> Asked:
        """The question in the house's own words."""
        return Asked(
            tuple(NewLine(line.sku, line.quantity, 0, line.unit) for line in self.lines),
            self.ship_to.country,
            self.ship_to.postal_code,
            self.ship_to.region,
            self.ship_to.time_zone,
            frozenset(self.options),
            self.fulfilment,
        )


class ShippedLine(BaseModel):
    """From when on a line may be packed: at once, when it comes, on its day, or when it is made.

    What is sent by mail is in no parcel, and does not wait for one.
    """

    line: int
    sku: str
    quantity: int | str
    unit: str
    availability: Literal["stock", "supply", "presale", "made_to_order", "mail", "none"]
    available_at: AwareDatetime | None


class QuotedLine(ShippedLine):
    """A line as it was asked for, available when the last of it is."""

    left_out: Annotated[
        int | str, Field(description="how much of it would never ship; only of `fill_available`")
    ]


class DatesView(BaseModel):
    """Days there: of ten deliveries about one comes by earliest, five by likely, nine by latest."""

    earliest: date
    likely: date
    latest: date
    likely_share: float
    latest_share: float
    time_zone: str
    time_zone_source: Literal["given", "country", "assumed"]


class PackingView(BaseModel):
    from_at: AwareDatetime
    until_likely: AwareDatetime
    until_latest: AwareDatetime
    minutes_p10: int
    minutes_p50: int
    minutes_p90: int
    source: Literal["history", "configured"]
    seen: int


class LeavingView(BaseModel):
    cut_off_at: AwareDatetime
    pickup_at: AwareDatetime


class LateView(BaseModel):
    """By how many days of pickup the carrier came after the pickup that was due."""

    days_p10: int
    days_p50: int
    days_p90: int
    source: Literal["history", "configured"]
    seen: int


class PickupView(BaseModel):
    """The cut-off that was used, and whose holidays were kept, where any are known."""

    cut_off: TimeOfDay
    time_zone: str
    likely: LeavingView
    latest: LeavingView
    late: LateView
    holidays: str | None


class TransitView(BaseModel):
    """In days of delivery. source: from parcels that were seen, or as staff entered it."""

    days_p10: int
    days_p50: int
    days_p90: int
    source: Literal["history", "configured"]
    seen: int
    holidays: str | None


class PartsView(BaseModel):
    packing: PackingView
    pickup: PickupView
    transit: TransitView


class ShipmentView(BaseModel):
    """What leaves a warehouse as one, with the dates of its own."""

    warehouse: str
    lines: list[ShippedLine]
    delivery: DatesView
    parts: PartsView


class QuotedOption(BaseModel):
    """What an option would be: its fee as staff entered it, and its dates with their parts.

    `delivery` is when all of it is there, however many shipments it takes; `parts` are those of the
    last one. The fee is asked once.
    """

    code: str
    name: str
    kind: Kind
    service: str
    carrier: str | None
    warehouse: str
    fee: Money
    lines: list[QuotedLine]
    available: bool
    why_not: str | None
    delivery: DatesView | None
    parts: PartsView | None
    shipments: list[ShipmentView]
    valid_until: AwareDatetime | None


class QuoteView(BaseModel):
    """A dated promise, if the order comes in time with its number; nothing is added to it."""

    id: int
    made_at: AwareDatetime
    valid_until: AwareDatetime
    country: str
    postal_code: str
    region: str
    fulfilment: Fulfilment
    options: list[QuotedOption]
    why_none: str | None

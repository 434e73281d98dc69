"""What shops send and get about sales and the places in their queues."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Moment
from wms.items.item import canonical_sku
from wms.items.unit import QUANTITY_MAX
from wms.promise.sale import (
    ITEMS_MAX,
    MINUTES_MAX,
    PER_MINUTE_MAX,
    SHARES_PERCENT_MAX,
    TICKET_S_MAX,
    TICKET_S_MIN,
    Queue,
    Sale,
    SaleItem,
    Share,
)

Sku = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL]
Pieces = Annotated[int, Field(strict=True, ge=1, le=QUANTITY_MAX)]
SaleCode = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]
BuyerClass = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class SaleItemMessage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Sku
    quantity: Annotated[
        Pieces | None, Field(description="meant for the sale, in smallest units; shares are of it")
    ] = None


class ShareMessage(BaseModel):
    """What a class of buyers has to itself at the start of a sale."""

    model_config = ConfigDict(extra="forbid")

    buyer_class: BuyerClass
    share_percent: Annotated[int, Field(strict=True, ge=1, le=SHARES_PERCENT_MAX)]
    minutes: Annotated[int, Field(strict=True, ge=1, le=MINUTES_MAX)]


class QueueMessage(BaseModel):
    """How buyers are let in, one after another as there are pieces for them."""

    model_config = ConfigDict(extra="forbid")

    per_minute: Annotated[int | None, Field(ge=1, le=PER_MINUTE_MAX)] = None
    ticket_s: Annotated[
        int,
        Field(
            strict=True,
            ge=TICKET_S_MIN,
            le=TICKET_S_MAX,
            description="how long whoever was let in has to order",
        ),
    ] = 300


class SaleRequest(BaseModel):
    """A sale, whole; its rules hold for orders that come in while it runs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [{"sku": "85123A", "quantity": 500}],
                    "starts_at": "2010-12-01T10:00:00+00:00",
                    "ends_at": "2010-12-01T11:00:00+00:00",
                    "limit_per_buyer": 1,
                    "queue": {"per_minute": 6000, "ticket_s": 300},
                }
            ]
        },
    )

    items: Annotated[list[SaleItemMessage], Field(min_length=1, max_length=ITEMS_MAX)]
    starts_at: Moment
    ends_at: Moment
    limit_per_buyer: Annotated[
        Pieces | None, Field(description="of each of the items, in smallest units")
    ] = None
    classes: Annotated[list[ShareMessage], Field(max_length=SHARES_PERCENT_MAX)] = []
    queue: Annotated[
        QueueMessage | None, Field(description="orders want a ticket of POST /v1/admissions")
    ] = None

    def sale(self, code: str) -> Sale:
        """The sale in the house's own words.

        Raises:
            Refused: what breaks a rule, pointing at its field.
        """
        return Sale(
            code,
            self.starts_at,
            self.ends_at,
            tuple(SaleItem(canonical_sku(item.sku), item.quantity) for item in self.items),
            self.limit_per_buyer,
            tuple(Share(x.buyer_class, x.share_percent, x.minutes) for x in self.classes),
            None if self.queue is None else Queue(self.queue.per_minute, self.queue.ticket_s),
        )


class SaleView(BaseModel):
    code: str
    items: list[SaleItemMessage]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    limit_per_buyer: int | None
    classes: list[ShareMessage]
    queue: QueueMessage | None


class SaleList(BaseModel):
    items: list[SaleView]
    next: str | None


class BuyerMessage(BaseModel):
    """Who buys, as the order will say it: by mail, else by the shop's own reference."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, StringConstraints(max_length=320), NO_NUL] | None = None
    reference: Annotated[str, StringConstraints(max_length=100), NO_NUL] | None = None


class AdmissionRequest(BaseModel):
    """A place in a sale's queue for a buyer; nothing of the buyer is kept in clear."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"sale": "DROP-1", "buyer": {"email": "ada@example.com"}, "quantity": 1}]
        },
    )

    sale: SaleCode
    buyer: BuyerMessage
    quantity: Pieces = 1


class AdmissionView(BaseModel):
    """A ticket: its number is the order of arrival, and an order names its id."""

    id: int
    sale: str
    number: Annotated[int, Field(description="of a sandbox 0: it takes nobody's place")]
    quantity: int
    state: Literal["waiting", "admitted", "expired", "used"]
    place: Annotated[int | None, Field(description="among those that wait, from 1")]
    outlook: Annotated[
        Literal["likely", "possible", "unlikely"] | None,
        Field(
            description="likely: there are pieces for all before it and for it; possible: only if "
            "some that were let in do not order; unlikely: more are wanted before it than there are"
        ),
    ]
    wait_s_min: Annotated[int | None, Field(description="at the soonest; null where unknown")]
    asked_at: AwareDatetime
    admitted_at: AwareDatetime | None
    expires_at: Annotated[AwareDatetime | None, Field(description="until when it may be used")]
    order_id: int | None

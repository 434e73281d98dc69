"""Purchase orders, as shops make and send them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Moment
from api.orders.messages import Money
from api.quantity import Quantity
from wms.replenishment.purchase import NewPurchase, WantedLine

Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL
]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), NO_NUL]
LINES_MAX = 2_000


class PurchaseLineRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Code
    quantity: Quantity
    unit: Short = ""


class PurchaseRequest(BaseModel):
    """A purchase order; its prices are those of the supplier at these quantities."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "supplier": "STOKE",
                    "reference": "PO-2010-44",
                    "lines": [{"sku": "85123A", "quantity": 96}],
                }
            ]
        },
    )

    supplier: Code
    reference: Short = ""
    warehouse: Code | None = None
    lines: Annotated[list[PurchaseLineRequest], Field(min_length=1, max_length=LINES_MAX)]

    def purchase(self) -> NewPurchase:
        """The purchase order in the house's own words."""
        return NewPurchase(
            self.supplier,
            tuple(WantedLine(line.sku, line.quantity, line.unit) for line in self.lines),
            self.reference,
            self.warehouse,
        )


class SendRequest(BaseModel):
    """The day that the supplier named; without one, the longest lead time of the lines counts."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"expected_at": "2010-12-13T09:00:00+00:00"}]},
    )

    expected_at: Moment | None = None


class PurchaseLineView(BaseModel):
    line: int
    sku: str
    name: str
    unit: str
    quantity: int | str
    price: Money
    amount: Money


class PurchaseSummary(BaseModel):
    """`inbound_id` is the shipment that a sent order is announced by."""

    id: int
    state: Literal["draft", "sent", "received", "closed", "cancelled"]
    supplier: str
    warehouse: str
    reference: str
    total: Money
    inbound_id: int | None
    made_at: AwareDatetime
    sent_at: AwareDatetime | None
    expected_at: AwareDatetime | None


class PurchaseView(PurchaseSummary):
    lines: list[PurchaseLineView]


class PurchaseList(BaseModel):
    items: list[PurchaseSummary]
    next: str | None

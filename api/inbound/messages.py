"""Inbound shipments, receipts and inspections, as shops announce and staff take in."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, ROW_MAX, Moment
from api.quantity import Quantity
from wms.receiving.inbound import AnnouncedLine, ArrivedLine, Condition, Kind, NewInbound

LINES_MAX = 2_000
SERIALS_MAX = 1_000
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL
]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), NO_NUL]
# A number as an answer tells it: whole, or a decimal string for a scaled item.
Told = int | str


class Closed(BaseModel):
    """A message that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class AnnouncedLineRequest(Closed):
    sku: Code
    quantity: Quantity
    unit: Short = ""


class InboundRequest(Closed):
    """A shipment on its way: an ASN with lines and a date, a blind one, or a return of an order.

    Where no warehouse is named it comes to the first, and a return to that which its order left.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "asn",
                    "reference": "DN-2010-117",
                    "expected_at": "2010-12-06T09:00:00+00:00",
                    "tolerance_percent": 5,
                    "lines": [{"sku": "85123A", "quantity": 48}],
                }
            ]
        },
    )

    kind: Kind
    reference: Short = ""
    warehouse: Code | None = None
    supplier: Code | None = None
    order_id: Annotated[int, Field(strict=True, ge=1, le=ROW_MAX)] | None = None
    tolerance_percent: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    expected_at: Moment | None = None
    lines: Annotated[list[AnnouncedLineRequest], Field(max_length=LINES_MAX)] = []

    def inbound(self) -> NewInbound:
        """The shipment in the house's own words."""
        return NewInbound(
            self.kind,
            tuple(AnnouncedLine(line.sku, line.quantity, line.unit) for line in self.lines),
            self.reference,
            self.warehouse,
            self.supplier,
            self.order_id,
            self.tolerance_percent,
            self.expected_at,
        )


class DateRequest(Closed):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"expected_at": "2010-12-08T09:00:00+00:00"}]},
    )

    expected_at: Moment


class ReceivedLineRequest(Closed):
    sku: Code
    quantity: Quantity
    unit: Short = ""
    lot: Short = ""
    serials: Annotated[list[Code], Field(max_length=SERIALS_MAX)] = []
    expires_on: date | None = None
    condition: Condition = Condition.GOOD
    place: Code | None = None
    handling_unit: Code | None = None

    def arrived(self) -> ArrivedLine:
        """The line in the house's own words."""
        return ArrivedLine(
            self.sku,
            self.quantity,
            self.unit,
            self.lot,
            tuple(self.serials),
            self.expires_on,
            self.condition,
            self.place,
            self.handling_unit,
        )


class ReceiptRequest(Closed):
    """What came, all lines or none; without a place it stands at the first receiving place."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "lines": [
                        {"sku": "85123A", "quantity": 46},
                        {"sku": "85123A", "quantity": 2, "condition": "damaged"},
                    ]
                }
            ]
        },
    )

    lines: Annotated[list[ReceivedLineRequest], Field(min_length=1, max_length=LINES_MAX)]


class DecisionRequest(Closed):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "glaze is cracked"}]}
    )

    reason: Annotated[str, StringConstraints(max_length=200), NO_NUL] = ""


class InboundLineView(BaseModel):
    """`received` is all that came: damaged, held and sampled are parts of it."""

    line: int
    sku: str
    name: str
    unit: str
    expected: Told
    received: Told
    damaged: Told
    held: Told
    sampled: Told


class DifferenceView(BaseModel):
    sku: str
    expected: Told
    received: Told
    over: Told
    under: Told
    damaged: Told
    held: Told


class InspectionView(BaseModel):
    """A sample in quarantine, and what somebody found."""

    id: int
    inbound_id: int
    sku: str
    name: str
    owner: str
    lot: str
    serial: str
    place: str
    quantity: Told
    state: Literal["open", "passed", "failed", "void"]
    reason: str
    made_at: AwareDatetime
    due_at: AwareDatetime
    decided_at: AwareDatetime | None
    decided_by: str | None


class InspectionList(BaseModel):
    items: list[InspectionView]
    next: str | None


class InboundSummary(BaseModel):
    id: int
    label: str
    kind: Kind
    state: Literal["announced", "receiving", "closed", "cancelled"]
    reference: str
    warehouse: str
    supplier: str | None
    purchase_order_id: int | None
    order_id: int | None
    tolerance_percent: int
    expected_at: AwareDatetime | None
    made_at: AwareDatetime
    begun_at: AwareDatetime | None
    closed_at: AwareDatetime | None


class InboundList(BaseModel):
    items: list[InboundSummary]
    next: str | None


class InboundView(InboundSummary):
    """A shipment with its lines; `differences` are those that did not come as announced."""

    lines: list[InboundLineView]
    differences: list[DifferenceView]
    inspections: list[InspectionView]


class ReceivedLineView(BaseModel):
    sku: str
    quantity: Told
    status: Literal["available", "quarantine", "damaged", "hold"]
    lot: str
    serial: str
    expires_on: date | None


class ReceiptView(BaseModel):
    """What was booked, and the moves that were made for it."""

    id: int
    lines: list[ReceivedLineView]
    move_tasks: list[int]


class ReceivedView(InboundView):
    receipt: ReceiptView

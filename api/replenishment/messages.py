"""Forecasts and proposals of replenishment, as planners read and decide on them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Moment
from api.quantity import Quantity

APPROVED_MAX = 500
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), NO_NUL]


class RunView(BaseModel):
    """A run over the whole house; `reason` says why one was refused."""

    id: int
    state: Literal["requested", "done", "refused"]
    day: date
    asked_by: str
    asked_at: AwareDatetime
    done_at: AwareDatetime | None
    series: int | None
    proposals: int | None
    reason: str


class ProposalView(BaseModel):
    """What to buy, or to fetch from another warehouse, and why.

    `days_left` is how long the stock lasts as it is; `free` and `coming` are what was there of it
    when it was proposed.
    """

    id: int
    run_id: int
    state: Literal["proposed", "approved", "rejected", "superseded"]
    kind: Literal["purchase", "transfer"]
    owner: str
    item: str
    name: str
    unit: str
    warehouse: str
    supplier: str | None
    from_warehouse: str | None
    quantity: int | str
    free: int | str
    coming: int | str
    reorder_point: int | str
    safety_stock: int | str
    order_up_to: int | str
    days_left: float | None
    reason: str
    approved_quantity: int | str | None
    decided_by: str | None
    decided_at: AwareDatetime | None
    note: str
    purchase_order_id: int | None
    transfer_id: int | None


class ProposalList(BaseModel):
    items: list[ProposalView]
    next: str | None


class Approval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[int, Field(ge=1, lt=2**63, strict=True)]
    quantity: Quantity | None = None


class ApprovalRequest(BaseModel):
    """Proposals that are approved together; a quantity is one that the planner wants instead."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"proposals": [{"id": 311}, {"id": 312, "quantity": 96}]}]},
    )

    proposals: Annotated[list[Approval], Field(min_length=1, max_length=APPROVED_MAX)]


class ApprovalView(BaseModel):
    items: list[ProposalView]


class RejectionRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "Its successor comes in May."}]}
    )

    note: Note = ""


class ServiceRequest(BaseModel):
    """The fill rate that an item is held for; null is the house's."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"service_percent": 99.0}]}
    )

    service_percent: Annotated[float, Field(gt=0, lt=100, allow_inf_nan=False, strict=True)] | None


class StockView(BaseModel):
    """How an item is held in a warehouse, and what is expected of it day by day.

    `past` ends on the day before `from_day` and holds null where nothing is known; `quantiles` are
    those of the demand over the next `protection_days`.
    """

    item: str
    warehouse: str
    service_percent: float
    achieved: float | None
    safety_stock: int | str
    reorder_point: int | str
    order_up_to: int | str
    below_since: AwareDatetime | None
    from_day: date
    mean: list[float]
    high: list[float]
    past_from: date
    past: list[float | None]
    protection_days: int
    protection_mean: float
    quantiles: dict[str, float]
    demand_class: str
    model: str
    reason: str
    flags: list[str]


class CapacityDay(BaseModel):
    """Order lines that are expected on a day against what can be done; null is not known."""

    warehouse: str
    day: date
    waiting: int
    lines: float
    lines_high: float
    pick_capacity: float | None
    sort_capacity: float | None


class BottleneckView(BaseModel):
    """A day on which work will not be done; `sure` where that is so on average, not by bad luck."""

    warehouse: str
    day: date
    work: Literal["picking", "sorting"]
    lines: float
    capacity: float
    sure: bool


class CapacityView(BaseModel):
    days: list[CapacityDay]
    bottlenecks: list[BottleneckView]


class TransferLineView(BaseModel):
    sku: str
    name: str
    unit: str
    quantity: int | str


class TransferSummary(BaseModel):
    """Goods from one warehouse to another; `inbound_id` announces them once they are sent."""

    model_config = ConfigDict(populate_by_name=True)

    id: int
    state: Literal["requested", "sent", "received", "closed", "cancelled"]
    owner: str
    from_warehouse: Annotated[str, Field(alias="from")]
    to_warehouse: Annotated[str, Field(alias="to")]
    inbound_id: int | None
    made_by: str
    made_at: AwareDatetime
    sent_at: AwareDatetime | None
    expected_at: AwareDatetime | None
    ended_at: AwareDatetime | None


class TransferView(TransferSummary):
    lines: list[TransferLineView]


class TransferList(BaseModel):
    items: list[TransferSummary]
    next: str | None


class TransferSendRequest(BaseModel):
    """The day on which the goods come; without one, after the house's usual time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"expected_at": "2010-12-03T09:00:00+00:00"}]},
    )

    expected_at: Moment | None = None

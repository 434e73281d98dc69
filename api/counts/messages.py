"""Counts as planners ask for and read them."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from api.field import NO_NUL

Text = Annotated[str, NO_NUL, Field(min_length=1, max_length=200)]
State = Literal["open", "claimed", "counted", "review", "posted", "void"]


class CountRequest(BaseModel):
    """A place to be counted; with a shop's SKU, only that item in it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"place": "A-01-01-1", "reason": "shelf found open"}]},
    )

    place: Text
    reason: Text
    warehouse: Text | None = None
    shop: Text | None = None
    sku: Text | None = None

    @model_validator(mode="after")
    def _item_of_a_shop(self) -> Self:
        if (self.shop is None) != (self.sku is None):
            raise ValueError("a SKU is of a shop: say both or none")
        return self


class CountLineView(BaseModel):
    """One balance: what the books said at its moment, what was counted, what was posted."""

    owner: str
    sku: str
    lot: str
    serial: str
    status: Literal["available", "quarantine", "damaged", "hold"]
    handling_unit: str | None
    expected: int | str | None
    counted: int | str
    variance: int | str | None
    applied: int | str
    unapplied: int | str
    value_minor: int | None
    counted_at: AwareDatetime
    note: str


class CountView(BaseModel):
    """A count; `value_minor` is the value of all its variances, gains and losses alike."""

    id: int
    warehouse: str
    place: str
    zone: str
    sku: str | None
    reason: str
    state: State
    asked_by: str
    asked_at: AwareDatetime
    counted_by: str | None
    counted_at: AwareDatetime | None
    value_minor: int | None
    reviewed_by: str | None
    closed_at: AwareDatetime | None
    recount_of: int | None
    lines: list[CountLineView] = []


class CountList(BaseModel):
    """Counts without their lines."""

    items: list[CountView]
    next: str | None


class DriftView(BaseModel):
    """What counts of one item in one zone, asked for one reason, have found."""

    zone: str
    owner: str
    sku: str
    reason: str
    counts: int
    exact_share: float
    gained: int | str
    lost: int | str
    unapplied: int | str
    gained_minor: int
    lost_minor: int


class DriftReport(BaseModel):
    """How far the books had drifted from the shelves, since a moment."""

    since: AwareDatetime
    warehouse: str
    counts: int
    exact_share: float | None
    gained_minor: int
    lost_minor: int
    rows: list[DriftView]

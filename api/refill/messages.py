"""Refill rules as planners set them."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.quantity import Quantity


class RuleRequest(BaseModel):
    """Below `min` the bin is refilled, up to `max`; in the item's own unit."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"min": 6, "max": 24}]}
    )

    # A quantity is more than nothing; the least of a bin may be nothing.
    min: Quantity | Annotated[int, Field(ge=0, le=0)]
    max: Quantity


class RuleView(BaseModel):
    """A rule as it stands."""

    warehouse: str
    owner: str
    sku: str
    place: str
    min: int | str
    max: int | str
    updated_at: AwareDatetime


class RuleList(BaseModel):
    items: list[RuleView]
    next: str | None

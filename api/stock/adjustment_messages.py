"""Adjustments of stock as planners send them, and what they came to."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL
from api.quantity import Change, Quantity
from wms.journey.goods.adjustment import Adjustment

Status = Literal["available", "quarantine", "damaged", "hold"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]
Mark = Annotated[str, StringConstraints(max_length=80), NO_NUL]


class AdjustmentRequest(BaseModel):
    """Either `change` is more or less than the books say, or `quantity` become `to_status`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "shop": "Gifts",
                    "sku": "MUG",
                    "place": "A-01-01-1",
                    "change": -2,
                    "reason": "two broken at the shelf",
                }
            ]
        },
    )

    shop: Name
    sku: Name
    place: Name
    warehouse: Name | None = None
    lot: Mark = ""
    serial: Mark = ""
    handling_unit: Mark = ""
    status: Status = "available"
    change: Change | None = None
    quantity: Quantity | None = None
    to_status: Status | None = None
    unit: Mark = ""
    expires_on: date | None = None
    reason: Name

    def adjustment(self) -> Adjustment:
        """The adjustment in the house's own words."""
        return Adjustment(**dict(self))


class AdjustmentView(BaseModel):
    """What is there afterwards, and how many claims had to give way."""

    movement_id: int
    sku: str
    place: str
    lot: str
    serial: str
    status: Status
    on_hand: int | str
    orders_short: int
    promises_freed: int

"""The ledger as planners read it."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL


class MovementLine(BaseModel):
    """Goods that went from one place to another; `to_status` is what they were afterwards."""

    sku: str
    quantity: int | str
    lot: str
    serial: str
    status: str
    to_status: str
    expires_on: date | None
    from_place: str
    to_place: str
    from_unit: str | None
    to_unit: str | None


class MovementView(BaseModel):
    """A movement: who, with which device, why, when it happened, and when it was written down."""

    id: int
    kind: str
    reason: str
    actor: str
    device: str
    command_id: str
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    reverses: int | None
    reversed_by: int | None
    lines: list[MovementLine]


class MovementList(BaseModel):
    items: list[MovementView]
    next: str | None


class ReversalRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "booked to the wrong bin"}]}
    )

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]


class ReversalView(BaseModel):
    """The movement that undoes another."""

    movement_id: int
    reverses: int

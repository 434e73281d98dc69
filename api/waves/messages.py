"""Waves as planners ask for and read them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.field import ROW_MAX


class WaveRequest(BaseModel):
    """A wave of these fulfilment orders, or of all that wait."""

    model_config = ConfigDict(extra="forbid")

    fulfilment_order_ids: (
        Annotated[
            list[Annotated[int, Field(ge=1, le=ROW_MAX)]], Field(min_length=1, max_length=1_000)
        ]
        | None
    ) = None
    release: bool = False


class CartView(BaseModel):
    number: int
    state: Literal["planned", "claimed", "picking", "dropped", "void"]
    distance_mm: int
    tasks: int
    picker: str | None
    path: list[tuple[int, int]]


class LeftOutView(BaseModel):
    order: int
    reason: str


class WaveView(BaseModel):
    """A wave with what it walks, and what first come, first served would have walked."""

    id: int
    state: Literal["requested", "planned", "released", "done", "unreleased", "refused"]
    asked_by: str
    orders: int
    method: str | None
    distance_mm: int | None
    baseline_mm: int | None
    saving: float | None
    left_out: list[LeftOutView]
    refusal: str | None
    created_at: AwareDatetime
    planned_at: AwareDatetime | None
    released_at: AwareDatetime | None
    done_at: AwareDatetime | None
    carts: list[CartView]

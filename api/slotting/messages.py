"""Proposals of where goods should lie, as planners ask for and accept them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.field import NO_NUL

MOVES_MAX = 200


class SlottingRequest(BaseModel):
    """A proposal of at most so many moves, for the only warehouse or for the one named."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"moves_max": 50}]})

    moves_max: Annotated[int, Field(ge=1, le=MOVES_MAX, strict=True)] = 50
    warehouse: Annotated[str, NO_NUL, Field(min_length=1, max_length=200)] | None = None


class SlottingMoveView(BaseModel):
    """Goods to another bin; moves of one chain make room for each other, in their steps' order.

    `swap` is a move into a bin that is only lent until the others of the chain have gone.
    """

    model_config = ConfigDict(populate_by_name=True)

    chain: int
    step: int
    owner: str
    sku: str
    lot: str
    quantity: int | str
    from_place: Annotated[str, Field(alias="from")]
    to_place: Annotated[str, Field(alias="to")]
    swap: bool
    state: Literal["waiting", "tasked", "done", "void"]
    note: str


class SlottingView(BaseModel):
    """A proposal; metres are those of the carts of the last 30 days, walked anew on the way they
    would be shortest today and after the moves."""

    id: int
    warehouse: str
    state: Literal["requested", "proposed", "nothing", "accepted", "done"]
    moves_max: int
    asked_by: str
    asked_at: AwareDatetime
    planned_at: AwareDatetime | None
    accepted_at: AwareDatetime | None
    done_at: AwareDatetime | None
    method: str | None
    orders: int | None
    carts: int | None
    days: int | None
    metres_a_day_today: float | None
    metres_a_day_proposed: float | None
    saving: float | None
    reason: str
    moves: list[SlottingMoveView]

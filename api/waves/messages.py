"""Waves as planners ask for and read them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, ROW_MAX
from wms.picking.wave import Mode


class WaveRequest(BaseModel):
    """A wave of these fulfilment orders, or of all that wait in a warehouse, by default the first.

    mode: `discrete` is one order a walk; `cluster` fills the totes of several orders on a walk;
    `batch` does so too, and takes for all of them at one visit to a bin; in `zone` a walk stays in
    one zone, and an order's totes meet at its packing place.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"warehouse": "MAIN", "fulfilment_order_ids": [12, 15], "mode": "zone"},
                {"mode": "batch", "release": True},
            ]
        },
    )

    fulfilment_order_ids: (
        Annotated[
            list[Annotated[int, Field(ge=1, le=ROW_MAX)]], Field(min_length=1, max_length=1_000)
        ]
        | None
    ) = None
    release: bool = False
    mode: Mode = Mode.CLUSTER
    warehouse: Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL] | None = None


class CartView(BaseModel):
    """A cart on its walk. walk_s is with all stops; at due_at the first of its carriers comes."""

    number: int
    state: Literal["planned", "claimed", "picking", "dropped", "void"]
    distance_mm: int
    walk_s: float | None
    due_at: AwareDatetime | None
    tasks: int
    picker: str | None
    path: list[tuple[int, int]]


class LeftOutView(BaseModel):
    order: int
    reason: str


class ChoiceView(BaseModel):
    """How a wave's orders were chosen, where more waited than it takes.

    bound: no choice gives more units for each aisle that is visited.
    """

    waiting: int
    units: int
    aisles: int
    units_per_aisle: float
    bound: float | None
    method: str


class WaveView(BaseModel):
    """A wave with what it walks, and what first come, first served would have walked.

    saving is the share of baseline_mm that the walks spare. No plan walks less than bound_mm, and
    gap is how far above it the walks are, as a share of it. walk_s is what all walks take, solve_s
    what the plan took of at most solve_s_max, ended_by whether the search was at its end or the
    time was. reason says why the wave was asked for, where the house did so for an order that
    cannot wait; it then took walks back that nobody had begun, and replans is true.
    """

    id: int
    state: Literal["requested", "planned", "released", "done", "unreleased", "refused"]
    mode: Mode
    asked_by: str
    reason: str
    replans: bool
    orders: int
    method: str | None
    distance_mm: int | None
    baseline_mm: int | None
    saving: float | None
    bound_mm: int | None
    gap: float | None
    walk_s: float | None
    solve_s: float | None
    solve_s_max: float | None
    ended_by: Literal["search", "time"] | None
    choice: ChoiceView | None
    left_out: list[LeftOutView]
    refusal: str | None
    created_at: AwareDatetime
    planned_at: AwareDatetime | None
    released_at: AwareDatetime | None
    done_at: AwareDatetime | None
    carts: list[CartView]

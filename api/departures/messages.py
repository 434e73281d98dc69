"""Departures and their routes, as planners read and change them."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.field import NO_NUL, ROW_MAX, Moment
from wms.shipping.route import Kind, Outcome, State
from wms.shipping.wish import Wish

LIST_MAX = 100
LATE_S_MAX = 86_400
Code = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]
Note = Annotated[str, StringConstraints(max_length=500), NO_NUL]


class DepartureRequest(BaseModel):
    """By whose vans it goes, and its cut-off: its vans leave after that.

    From then on the sorter brings it no more parcels; one that somebody puts out by hand before it
    closes still joins it.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "own_vans", "cut_off_at": "2026-03-02T15:30:00+00:00"}]
        },
    )

    kind: Kind
    cut_off_at: Moment | None = None


class WishRequest(BaseModel):
    """What a planner wants for one order: it goes by `van`, by none of `forbidden`, by one with
    these skills, and, where not all can be served, before those of lower priority.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"van": "VAN-02", "priority": 5, "note": "the customer asked for this driver"},
                {"forbidden": ["VAN-01"]},
            ]
        },
    )

    van: Code | None = None
    forbidden: Annotated[list[Code], Field(max_length=LIST_MAX)] = []
    skills: Annotated[list[Code], Field(max_length=LIST_MAX)] = []
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    note: Note = ""

    def wish(self) -> Wish:
        """The wish as the house knows it."""
        return Wish(
            van=self.van,
            forbidden=tuple(dict.fromkeys(self.forbidden)),
            skills=tuple(dict.fromkeys(self.skills)),
            priority=self.priority,
            note=self.note,
        )


class ProgressRequest(BaseModel):
    """Either what became of an order's stop, or that a van is late.

    `begun`: its driver is on the way there. `late_s`: how far the van is behind its plan.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"order_id": 12, "outcome": "served", "at": "2026-03-02T16:05:00+00:00"},
                {"van": "VAN-02", "late_s": 1200},
            ]
        },
    )

    order_id: Annotated[int, Field(ge=1, le=ROW_MAX)] | None = None
    outcome: Literal["begun", "served", "failed"] | None = None
    at: Moment | None = None
    note: Note = ""
    van: Code | None = None
    late_s: Annotated[int, Field(ge=0, le=LATE_S_MAX)] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        stop = (self.order_id, self.outcome, self.at)
        van = (self.van, self.late_s)
        if not (
            (None not in stop and van == (None, None))
            or (None not in van and stop == (None, None, None) and not self.note)
        ):
            raise ValueError("say order_id, outcome and at, or van and late_s")
        return self


class ProgressView(BaseModel):
    """Taken; the rest of the routes is planned in this version, None where nothing is left."""

    version: int | None


class SearchView(BaseModel):
    """How far the search for a plan is. share is of its time or iterations."""

    share: float
    cost: float
    unserved: int
    iterations: int


class VersionView(BaseModel):
    """One version of a departure's routes.

    reason: why it was asked for. why: why this engine. travel: where distances and times come
    from; straight says that they are straight lines, for want of roads. saving is the share of
    baseline_cost, which is the simple rule's, that the plan spares.
    """

    version: int
    state: State
    asked_by: str
    reason: str
    asked_at: AwareDatetime
    progress: SearchView | None
    planned_at: AwareDatetime | None
    refusal: str | None
    engine: str | None
    why: str | None
    travel: str | None
    straight: bool | None
    vans: int | None
    unserved: int | None
    distance_m: int | None
    cost: float | None
    baseline_cost: float | None
    saving: float | None
    solve_s: float | None


class VersionList(BaseModel):
    """The versions of a departure's routes, the newest first."""

    items: list[VersionView]


class DropView(BaseModel):
    order_id: int
    tracking_number: str
    parcels: int
    city: str
    latitude: float
    longitude: float


class VisitedView(DropView):
    """A stop that a van has behind it."""

    outcome: Outcome
    happened_at: AwareDatetime


class StopView(DropView):
    """A stop to come. loading: when it goes into the van, from 1; the last stop is the first.

    Of ten such arrivals, about eight lie between earliest_at and latest_at.
    """

    arrives_at: AwareDatetime | None = None
    starts_at: AwareDatetime | None = None
    leaves_at: AwareDatetime | None = None
    earliest_at: AwareDatetime | None = None
    expected_at: AwareDatetime | None = None
    latest_at: AwareDatetime | None = None
    loading: int | None = None


class PauseView(BaseModel):
    starts_at: AwareDatetime
    length_s: int


class RouteView(BaseModel):
    """One van's round: what it has behind it, and what is to come.

    way: the line that it drives on, as latitudes and longitudes; empty where roads are unknown.
    """

    van: str
    leaves_at: AwareDatetime | None = None
    back_at: AwareDatetime | None = None
    distance_m: int
    duration_s: int
    drive_s: int | None = None
    cost: float | None = None
    mass_g: int | None = None
    volume_ml: int | None = None
    mass_g_max: int | None = None
    volume_ml_max: int | None = None
    pauses: list[PauseView] = []
    visited: list[VisitedView] = []
    stops: list[StopView]
    way: list[tuple[float, float]] = []


class ReasonView(BaseModel):
    """Why a van does not take a stop; an empty van means all."""

    van: str
    constraint: str
    reason: str


class UnservedView(BaseModel):
    """An order on no route: what refuses it, and what would change that."""

    order_id: int
    tracking_number: str
    reasons: list[ReasonView]
    remedies: list[str]


class RoutePlanView(VersionView):
    """A version with its routes; they are empty until it is planned."""

    routes: list[RouteView]
    left_out: list[UnservedView]


class WishView(BaseModel):
    order_id: int
    van: str | None
    forbidden: list[str]
    skills: list[str]
    priority: int
    note: str
    made_by: str
    made_at: AwareDatetime


class LateView(BaseModel):
    """A van that is late, and when it can therefore go on."""

    van: str
    late_s: int
    ready_at: AwareDatetime
    said_by: str
    said_at: AwareDatetime


class DepartureRow(BaseModel):
    id: int
    state: Literal["open", "closed"]
    kind: Kind
    warehouse: str
    place: str
    carrier: str
    cut_off_at: AwareDatetime | None
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    parcels: int
    loaded: int


class DepartureList(BaseModel):
    """Departures, the newest first."""

    items: list[DepartureRow]
    next: str | None


class DepartureView(DepartureRow):
    """A departure with what its routes are planned by.

    version: the plan that stands; planning: the one that is being made. stale: parcels, wishes or
    vans are others than those that the standing plan was made with.
    """

    version: int | None
    planning: int | None
    stale: bool
    wishes: list[WishView]
    late: list[LateView]

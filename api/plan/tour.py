"""One walk: its file and its answer."""

from collections.abc import Sequence
from typing import Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from api.plan.floor import AnyStop, OnFloor, PointMm, Said
from routing.pick.floor.layout import NodeStop, Stop
from routing.pick.tour.plan import TourPlan

EXAMPLE: JsonDict = {
    "layout": {"aisles": 6, "aisle_length_mm": 20000, "aisle_pitch_mm": 3500},
    "stops": [{"aisle": 2, "position_mm": 7500}, {"aisle": 4, "position_mm": 1200}],
}


class TourInput(OnFloor):
    """One walk to be planned, for `stowline plan tour`."""

    model_config = ConfigDict(title="Tour, input", json_schema_extra={"examples": [EXAMPLE]})

    stops: tuple[AnyStop, ...] = Field(
        min_length=1, max_length=100_000, description="Places to pick from, in any order."
    )

    @model_validator(mode="after")
    def _stops_are_on_the_floor(self) -> Self:
        self.refuse_strange(self.stops, "")
        return self

    def places(self) -> tuple[Stop | NodeStop, ...]:
        """The stops as routing knows them."""
        return tuple(stop.stop() for stop in self.stops)


class StopLeftOut(Said):
    """A stop that no walk can reach."""

    stop: int = Field(description="Its place in the file's list, counted from 0.")
    reason: str = Field(description="Why, in plain words.")


class TourOutput(Said):
    """What `stowline plan tour --json` prints."""

    model_config = ConfigDict(title="Tour, output")

    distance_mm: int = Field(ge=0, description="The walk's length, in mm.")
    visits: tuple[int, ...] = Field(
        description="The stops in walking order, by their place in the file's list, from 0."
    )
    method: str = Field(description="What made the walk.")
    optimal: bool = Field(description="Whether it is proven that no walk is shorter.")
    bound_mm: int = Field(ge=0, description="No walk is shorter than this, in mm.")
    gap: float = Field(ge=0, description="How far above the bound the walk is, as a share of it.")
    baseline_mm: int = Field(
        ge=0, description="The S-shape walk past the same stops, in mm; 0 where there is none."
    )
    saving: float = Field(description="The share of the baseline's walk that is spared.")
    seconds: float = Field(ge=0, description="How long the walk takes with all its stops.")
    left_out: tuple[StopLeftOut, ...] = Field(description="Stops that cannot be reached.")
    path: tuple[PointMm, ...] = Field(
        description="Corners of the walk as [x, y] in mm; empty on walkways without points."
    )
    nodes: tuple[int, ...] = Field(description="On walkways, every node that is passed.")


def tour_answer(plan: TourPlan) -> TourOutput:
    """The answer that a plan comes to."""
    tour = plan.tour
    return TourOutput(
        distance_mm=tour.distance_mm,
        visits=tour.visits,
        method=tour.method,
        optimal=tour.optimal,
        bound_mm=tour.bound_mm,
        gap=tour.gap,
        baseline_mm=plan.baseline_mm,
        saving=plan.saving,
        seconds=round(plan.seconds, 3),
        left_out=tuple(StopLeftOut(stop=stop, reason=why) for stop, why in plan.left_out),
        path=tour.path,
        nodes=tour.nodes,
    )


def ordered(stops: Sequence[Stop | NodeStop], plan: TourPlan) -> list[Stop | NodeStop]:
    """The stops in walking order."""
    return [stops[visit] for visit in plan.tour.visits]

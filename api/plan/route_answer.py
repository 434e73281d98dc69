"""What `stowline plan route` answers."""

from dataclasses import dataclass

from pydantic import ConfigDict, Field

from api.plan.floor import Said
from routing.delivery.plan import DeliveryPlan, Route

Amount = int | float


class VisitTold(Said):
    """When a stop is served."""

    stop: int | str = Field(description="The stop's name, or its number in the file.")
    arrives_s: Amount = Field(description="The vehicle is there.")
    starts_s: Amount = Field(description="The service begins.")
    leaves_s: Amount = Field(description="The vehicle goes on.")


class PauseTold(Said):
    """When a driver rests."""

    starts_s: Amount = Field(description="From when.")
    length_s: Amount = Field(description="How long.")


class TripTold(Said):
    """From the depot past its stops; it is loaded in the reverse order of `visits`."""

    leaves_s: Amount = Field(description="The vehicle leaves the depot.")
    visits: tuple[VisitTold, ...] = Field(description="Its stops in order.")
    ends_s: Amount = Field(description="It is back, or done where it ends open.")


class RouteTold(Said):
    """One vehicle's day."""

    vehicle: str = Field(description="Its type.")
    number: int = Field(description="Which of its type, from 0.")
    trips: tuple[TripTold, ...] = Field(description="Its trips in order.")
    pauses: tuple[PauseTold, ...] = Field(description="Its driver's rests.")
    distance: Amount = Field(description="How far it goes.")
    duration_s: Amount = Field(description="How long it is away.")
    cost: float = Field(description="What it costs.")


class UnservedTold(Said):
    """A stop that no vehicle serves."""

    stop: int | str = Field(description="Its name, or its number in the file.")
    reasons: tuple[str, ...] = Field(description="What refuses it in which vehicle.")
    remedies: tuple[str, ...] = Field(description="What would change that.")


class RouteOutput(Said):
    """What `stowline plan route --json` prints. Figures are in the file's own units."""

    model_config = ConfigDict(title="Routes, output")

    cost: float = Field(description="Of the whole plan.")
    baseline_cost: float | None = Field(description="Of the simple rule's; null: it had none.")
    vehicles: int = Field(description="How many go out.")
    routes: tuple[tuple[int | str, ...], ...] = Field(description="The stops of each route.")
    unserved: tuple[UnservedTold, ...] = Field(description="Stops that no vehicle serves.")
    engine: str = Field(description="Who made the plan.")
    why: str = Field(description="Why that engine.")
    travel: str = Field(description="Where distances and times come from.")
    iterations: int = Field(description="Steps of its search.")
    cpu_seconds: float = Field(description="Of all its processes, compiling left out.")
    wall_seconds: float = Field(description="By the clock.")
    compile_seconds: float = Field(description="Compiling kernels took so long before that.")
    audit: str = Field(description="ok, or what is broken.")
    timetable: tuple[RouteTold, ...] = Field(description="The routes with their times.")


@dataclass(frozen=True, slots=True)
class Names:
    """How a plan's stops are called in the answer, and in which units its figures are told.

    scale: so many of the plan's units are one of the answer's. cost: the plan's, in the latter.
    """

    stops: dict[str, int | str]
    scale: int
    cost: float

    def told(self, value: int) -> int | float:
        """A length or a moment in the answer's units."""
        return value if self.scale == 1 else value / self.scale


def route_answer(
    plan: DeliveryPlan,
    names: Names,
    *,
    faults: list[str],
    cpu_seconds: float,
    wall_seconds: float,
    compile_seconds: float,
) -> RouteOutput:
    """The answer that a plan comes to, in the file's own names and units."""
    baseline = plan.baseline_cost
    return RouteOutput(
        cost=round(names.cost, 6),
        baseline_cost=None if baseline is None else round(baseline / names.scale, 6),
        vehicles=plan.vehicles,
        routes=tuple(tuple(names.stops[stop] for stop in route.stops) for route in plan.routes),
        unserved=tuple(
            UnservedTold(
                stop=names.stops[one.stop],
                reasons=tuple(refusal.reason for refusal in one.refusals),
                remedies=one.remedies,
            )
            for one in plan.unserved
        ),
        engine=plan.engine,
        why=plan.why,
        travel=plan.travel,
        iterations=plan.iterations,
        cpu_seconds=round(cpu_seconds, 3),
        wall_seconds=round(wall_seconds, 3),
        compile_seconds=round(compile_seconds, 3),
        audit="; ".join(faults) or "ok",
        timetable=tuple(_route(route, names) for route in plan.routes),
    )


def _route(route: Route, names: Names) -> RouteTold:
    return RouteTold(
        vehicle=route.vehicle,
        number=route.number,
        trips=tuple(
            TripTold(
                leaves_s=names.told(trip.leaves_s),
                visits=tuple(
                    VisitTold(
                        stop=names.stops[visit.stop],
                        arrives_s=names.told(visit.arrives_s),
                        starts_s=names.told(visit.starts_s),
                        leaves_s=names.told(visit.leaves_s),
                    )
                    for visit in trip.visits
                ),
                ends_s=names.told(trip.ends_s),
            )
            for trip in route.trips
        ),
        pauses=tuple(
            PauseTold(starts_s=names.told(pause.starts_s), length_s=names.told(pause.length_s))
            for pause in route.pauses
        ),
        distance=names.told(route.distance_m),
        duration_s=names.told(route.duration_s),
        cost=round(route.cost / names.scale, 6),
    )

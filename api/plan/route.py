"""A delivery problem as a file says it: moments in seconds of the day, lengths in metres."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.plan.floor import Said, sensible
from api.plan.route_place import PlaceSaid, TablesSaid
from routing.delivery.problem import Begun, DeliveryProblem, Objective, Pair
from routing.delivery.stop import PRIORITY_MAX, Kind, SoftWindow, Stop, Window
from routing.delivery.travel import LEG_MAX, Travel
from routing.delivery.vehicle import Break, Depot, DrivingRule, Vehicle

Name = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[int, Field(ge=0, le=LEG_MAX)]
Load = Annotated[tuple[Annotated[int, Field(ge=0, le=LEG_MAX)], ...], Field(max_length=8)]
Price = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
EXAMPLE: dict[str, Any] = {
    "places": [
        {"id": "depot", "latitude": 43.7384, "longitude": 7.4246},
        {"id": "port", "latitude": 43.7350, "longitude": 7.4210},
        {"id": "hill", "latitude": 43.7430, "longitude": 7.4290},
    ],
    "depots": [{"id": "D", "place": "depot", "opens_s": 21600, "closes_s": 72000}],
    "vehicles": [
        {
            "id": "van",
            "count": 2,
            "start": "D",
            "end": "D",
            "capacity": [900],
            "closes_s": 61200,
            "fixed_cost": 500,
            "distance_cost": 1,
        }
    ],
    "stops": [
        {"id": "A-1", "place": "port", "load": [120], "service_s": 180},
        {
            "id": "A-2",
            "place": "hill",
            "load": [300],
            "service_s": 240,
            "windows": [{"opens_s": 28800, "closes_s": 36000}],
        },
    ],
}


class WindowSaid(Said):
    """Service begins within it."""

    opens_s: Seconds = Field(description="From this second of the day.")
    closes_s: Seconds = Field(description="To this second of the day, included.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        sensible(self.window)
        return self

    def window(self) -> Window:
        """As routing knows it."""
        return Window(self.opens_s, self.closes_s)


class SoftWindowSaid(Said):
    """Service outside it costs."""

    opens_s: Seconds = Field(description="From this second of the day.")
    closes_s: Seconds = Field(description="To this second of the day.")
    early_price: Price = Field(default=0.0, description="For each second too early.")
    late_price: Price = Field(default=0.0, description="For each second too late.")

    def window(self) -> SoftWindow:
        """As routing knows it."""
        return SoftWindow(self.opens_s, self.closes_s, self.early_price, self.late_price)


class DepotSaid(Said):
    """Where vehicles start or end."""

    id: Name = Field(description="The depot's name.")
    place: Name = Field(description="Which of the places it is at.")
    opens_s: Seconds = Field(default=0, description="Nobody leaves before.")
    closes_s: Seconds = Field(default=LEG_MAX, description="Nobody returns after.")


class BreakSaid(Said):
    """A rest of the driver."""

    opens_s: Seconds = Field(description="It begins from this second of the day.")
    closes_s: Seconds = Field(description="It begins by this second of the day.")
    length_s: Seconds = Field(description="So long.")


class DrivingRuleSaid(Said):
    """How long one may drive between rests; as it stands, the rule of Regulation (EC) 561/2006."""

    drive_s_max: Seconds = Field(default=16_200, description="Driving between two rests.")
    rest_s: Seconds = Field(default=2_700, description="A rest lasts at least so long.")


class VehicleSaid(Said):
    """A type of vehicle."""

    id: Name = Field(description="The type's name.")
    count: int = Field(default=1, ge=0, le=100_000, description="How many there are.")
    start: Name = Field(description="The depot it starts from.")
    end: Name | None = Field(description="The depot it ends at; null: at its last stop.")
    capacity: Load = Field(default=(), description="What it takes, in each dimension of a load.")
    opens_s: Seconds = Field(default=0, description="The shift begins.")
    closes_s: Seconds = Field(default=LEG_MAX, description="The shift ends.")
    duration_s_max: Seconds | None = Field(default=None, description="Longest time away.")
    distance_m_max: Seconds | None = Field(default=None, description="Longest way.")
    fixed_cost: Price = Field(default=0.0, description="Of using it at all.")
    distance_cost: Price = Field(default=1.0, description="Of a metre.")
    duration_cost: Price = Field(default=0.0, description="Of a second away.")
    skills: frozenset[Name] = Field(default=frozenset(), description="What it can do.")
    trips_max: int = Field(default=1, ge=1, le=100, description="Times it may be loaded.")
    reload_s: Seconds = Field(default=0, description="Loading between two trips takes so long.")
    speed_factor: float = Field(default=1.0, gt=0, le=100, description="Durations go by it.")
    breaks: tuple[BreakSaid, ...] = Field(default=(), max_length=10, description="Rests.")
    driving: DrivingRuleSaid | None = Field(default=None, description="A rule on driving times.")

    def vehicle(self) -> Vehicle:
        """As routing knows it."""
        said = {name: getattr(self, name) for name in VehicleSaid.model_fields}
        said["breaks"] = tuple(Break(**one.model_dump()) for one in self.breaks)
        said["driving"] = DrivingRule(**self.driving.model_dump()) if self.driving else None
        return Vehicle(**said)


class StopSaid(Said):
    """One service at one place."""

    id: Name = Field(description="The stop's name.")
    place: Name = Field(description="Which of the places it is at.")
    kind: Literal["delivery", "pickup"] = Field(default="delivery", description="Which way.")
    load: Load = Field(default=(), description="What is carried, in each dimension.")
    windows: tuple[WindowSaid, ...] = Field(
        default=(), max_length=20, description="Service begins in one of them; none: any time."
    )
    soft: SoftWindowSaid | None = Field(default=None, description="A window that may be missed.")
    service_s: Seconds = Field(default=0, description="How long it takes.")
    priority: int = Field(default=0, ge=0, le=PRIORITY_MAX, description="Higher goes first.")
    prize: Price | None = Field(
        default=None, description="What leaving it out costs; null: it must be served."
    )
    skills: frozenset[Name] = Field(default=frozenset(), description="What the vehicle must do.")
    goods: frozenset[Name] = Field(default=frozenset(), description="Classes of its goods.")
    vehicles: frozenset[Name] | None = Field(
        default=None, description="Only these types of vehicle; null: any."
    )

    def stop(self, places: dict[str, int]) -> Stop:
        """As routing knows it."""
        said = {name: getattr(self, name) for name in StopSaid.model_fields}
        said["place"] = places[self.place]
        said["kind"] = Kind(self.kind)
        said["windows"] = tuple(one.window() for one in self.windows)
        said["soft"] = self.soft.window() if self.soft else None
        return Stop(**said)


class PairSaid(Said):
    """A pickup and the delivery of the same goods."""

    pickup: Name = Field(description="The stop where they are picked up.")
    delivery: Name = Field(description="The stop that they go to.")


class BegunSaid(Said):
    """A vehicle on its way."""

    vehicle: Name = Field(description="Its type.")
    number: int = Field(default=0, ge=0, description="Which of its type, from 0.")
    stops: tuple[Name, ...] = Field(description="What its route begins with, in this order.")


class RouteInput(Said):
    """Stops and vehicles, for `stowline plan route`."""

    model_config = ConfigDict(title="Routes, input", json_schema_extra={"examples": [EXAMPLE]})

    places: tuple[PlaceSaid, ...] = Field(
        min_length=1, max_length=20_000, description="Where things are."
    )
    tables: TablesSaid | None = Field(
        default=None, description="Ways between the places; null: from their coordinates."
    )
    depots: tuple[DepotSaid, ...] = Field(min_length=1, description="Where vehicles start.")
    vehicles: tuple[VehicleSaid, ...] = Field(min_length=1, description="What there is to drive.")
    stops: tuple[StopSaid, ...] = Field(max_length=20_000, description="What is to be done.")
    pairs: tuple[PairSaid, ...] = Field(default=(), description="Pickups with their deliveries.")
    incompatible: tuple[tuple[Name, Name], ...] = Field(
        default=(), description="Classes of goods that never share a route."
    )
    begun: tuple[BegunSaid, ...] = Field(default=(), description="Routes that are on their way.")
    objective: Literal["cost", "vehicles"] = Field(
        default="cost", description="What counts; vehicles: first as few as possible."
    )
    balance_price: Price = Field(default=0.0, description="Of a second of the longest route.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        places, known = [place.id for place in self.places], self._numbers()
        if len(set(places)) < len(places):
            twice = next(name for name in places if places.count(name) > 1)
            raise _senseless(f"place {twice} is listed twice")
        for owner, place in (
            *((f"depot {one.id}", one.place) for one in self.depots),
            *((f"stop {one.id}", one.place) for one in self.stops),
        ):
            if place not in known:
                raise _senseless(f"{owner} is at the unknown place {place}")
        unlocated = [place.id for place in self.places if place.point is None]
        if self.tables is None and unlocated:
            raise _senseless(f"place {unlocated[0]} has no coordinates, and there are no tables")
        return self

    def _numbers(self) -> dict[str, int]:
        return {place.id: at for at, place in enumerate(self.places)}

    def problem(self, travel: Travel, objective: str | None = None) -> DeliveryProblem:
        """As routing knows it.

        Raises: ValueError when something in it does not fit.
        """
        places = self._numbers()
        return DeliveryProblem(
            depots=tuple(
                Depot(one.id, places[one.place], one.opens_s, one.closes_s) for one in self.depots
            ),
            vehicles=tuple(one.vehicle() for one in self.vehicles),
            stops=tuple(one.stop(places) for one in self.stops),
            travel=travel,
            pairs=tuple(Pair(one.pickup, one.delivery) for one in self.pairs),
            incompatible=frozenset(self.incompatible),
            begun=tuple(Begun(one.vehicle, one.number, one.stops) for one in self.begun),
            objective=Objective(objective or self.objective),
            balance_price=self.balance_price,
        )


def _senseless(why: str) -> PydanticCustomError:
    return PydanticCustomError("senseless", "{why}", {"why": why})

"""A vehicle's trips as a chain of things that begin within windows, with legs between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from routing.delivery.draft import Run
from routing.delivery.pace import Pace, Steady, pace_of
from routing.delivery.problem import DeliveryProblem
from routing.delivery.snag import Snag
from routing.delivery.stop import SoftWindow
from routing.delivery.travel import LEG_MAX
from routing.delivery.vehicle import Depot, Vehicle


class Part(Enum):
    """What a link of the chain is."""

    START = "start"
    STOP = "stop"
    RELOAD = "reload"
    END = "end"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Link:
    """Begins within one of its windows, and lasts service_s. stop: its index, else -1."""

    part: Part
    windows: tuple[tuple[int, int], ...]
    service_s: int = 0
    stop: int = -1
    soft: SoftWindow | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """All links of a route from start to end; paces[k] leads from link k to link k + 1."""

    links: tuple[Link, ...]
    paces: tuple[Pace, ...]
    distance_m: int


def chain_of(
    problem: DeliveryProblem, depots: Mapping[str, Depot], vehicle: Vehicle, run: Run
) -> Chain | Snag:
    """The chain of a vehicle's trips, or the leg that does not exist."""
    home = depots[vehicle.start]
    opens_s = max(vehicle.opens_s, home.opens_s)
    if opens_s > home.closes_s:
        return Snag("shift", f"depot {home.id} closes before the shift begins")
    links = [Link(Part.START, ((opens_s, home.closes_s),))]
    places = [home.place]
    for trip in run.trips:
        if len(links) > 1:
            hours = (home.opens_s, home.closes_s - vehicle.reload_s)
            if hours[0] > hours[1]:
                return Snag("shift", f"depot {home.id} is not open long enough to load again")
            links.append(Link(Part.RELOAD, (hours,), vehicle.reload_s))
            places.append(home.place)
        for index in trip:
            stop = problem.stops[index]
            windows = tuple((each.opens_s, each.closes_s) for each in stop.windows)
            links.append(
                Link(Part.STOP, windows or ((0, LEG_MAX),), stop.service_s, index, stop.soft)
            )
            places.append(stop.place)
    if vehicle.end is None:
        links.append(Link(Part.END, ((0, vehicle.closes_s),)))
        places.append(-1)
    else:
        end = depots[vehicle.end]
        closes_s = min(vehicle.closes_s, end.closes_s)
        if end.opens_s > closes_s:
            return Snag("shift", f"depot {end.id} opens after the shift ends")
        links.append(Link(Part.END, ((end.opens_s, closes_s),)))
        places.append(end.place)
    return _tied(problem, vehicle, tuple(links), places)


def _tied(
    problem: DeliveryProblem, vehicle: Vehicle, links: tuple[Link, ...], places: list[int]
) -> Chain | Snag:
    travel, speed = problem.travel, vehicle.speed_factor
    paces: list[Pace] = []
    distance_m = 0
    for k in range(1, len(places)):
        if places[k] < 0:
            paces.append(Steady(0))
            continue
        pace = pace_of(travel, places[k - 1], places[k], speed)
        if pace is None:
            name, before = (_named(problem, links[j]) for j in (k, k - 1))
            return Snag("unreachable", f"there is no way from {before} to {name}")
        distance_m += travel.distance_m.item(places[k - 1], places[k])
        paces.append(pace)
    return Chain(links, tuple(paces), distance_m)


def _named(problem: DeliveryProblem, link: Link) -> str:
    return f"stop {problem.stops[link.stop].id}" if link.stop >= 0 else "the depot"

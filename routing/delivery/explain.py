"""Why a stop is on no route: which constraint refuses it in which vehicle, by trying it out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

from routing.delivery.insertion import Tour, Unit, has_room, placed, refilled, units_of
from routing.delivery.plan import Refusal, Route, Unserved
from routing.delivery.problem import DeliveryProblem
from routing.delivery.remedy import Case, remedies_of
from routing.delivery.snag import Snag
from routing.delivery.trial import Trial

# So many places are tried for all unserved stops together, and for one stop at least.
PLACES_ALL = 20_000
PLACES_MIN = 40
# What would help is tried in so many tours that pass near the stop.
NEAR = 2
TIMES = frozenset({"window", "shift", "duration", "break"})
BESIDE = {
    "load": "no room left for it",
    "goods": "goods on board that must not go with it",
    "time": "no time left for it",
    "distance": "too few metres left for it",
    "unreachable": "no way between it and the stops on the route",
}


def explain(problem: DeliveryProblem, routes: Sequence[Route], stop_index: int) -> Unserved:
    """Why each vehicle type refuses the stop beside these routes, and what would change that."""
    return explain_all(Trial(problem), routes, (stop_index,))[0]


def explain_all(
    trial: Trial, routes: Sequence[Route], stops: Iterable[int]
) -> tuple[Unserved, ...]:
    """Each of these stops with its reasons; those of a pair are tried together."""
    wanted = tuple(stops)
    if not wanted:
        return ()
    tours = _tours_of(trial, routes)
    empty = Trial(replace(trial.problem, begun=()))
    places = max(PLACES_MIN, PLACES_ALL // len(wanted))
    told: dict[int, Unserved] = {}
    for unit in units_of(trial, wanted):
        refusals, remedies = _reasons(trial, empty, tours, unit, places)
        for index in unit:
            told[index] = Unserved(trial.problem.stops[index].id, refusals, remedies)
    return tuple(told[index] for index in wanted)


def _tours_of(trial: Trial, routes: Sequence[Route]) -> list[Tour]:
    kinds = {vehicle.id: k for k, vehicle in enumerate(trial.problem.vehicles)}
    tours = []
    for route in routes:
        begun = trial.begun.get((route.vehicle, route.number))
        trips = tuple(tuple(trial.index[visit.stop] for visit in t.visits) for t in route.trips)
        held = 0 if begun is None else len(begun.stops)
        tours.append(Tour(kinds[route.vehicle], route.number, trips, route, held))
    return tours


def _reasons(
    trial: Trial, empty: Trial, tours: Sequence[Tour], unit: Unit, places: int
) -> tuple[tuple[Refusal, ...], tuple[str, ...]]:
    refusals, cases = [], []
    least = inf
    for k, vehicle in enumerate(trial.problem.vehicles):
        mine = [tour for tour in tours if tour.vehicle == k]
        used = {tour.number for tour in mine}
        free = next((n for n in range(vehicle.count) if n not in used), None)
        alone = refilled(empty, Tour(k, 0), (unit,)) if vehicle.count else _none_there()
        snag = alone
        if isinstance(alone, Tour):
            extra = inf if free is None else alone.cost
            snag, beside = _beside(trial, mine, unit, places)
            extra = min(extra, beside)
            least = min(least, extra)
            snag = snag if extra == inf else _taken(trial, unit, extra)
        assert isinstance(snag, Snag)
        reason = snag.reason if snag is not alone else _alone(snag)
        refusals.append(Refusal(vehicle.id, snag.constraint, reason))
        cases.append(Case(k, _nearest(trial, mine, unit), free, isinstance(alone, Tour)))
    return tuple(refusals), remedies_of(trial, cases, unit, least)


def _none_there() -> Snag:
    return Snag("fleet", "there are none of these vehicles")


def _alone(snag: Snag) -> str:
    if snag.constraint in ("skill", "vehicle", "fleet", "unreachable"):
        return snag.reason
    return f"even an empty vehicle cannot take it: {snag.reason}"


def _taken(trial: Trial, unit: Unit, extra: float) -> Snag:
    """Why a stop is left out that this vehicle could take."""
    prizes = [trial.problem.stops[index].prize for index in unit]
    if None not in prizes:
        prize = sum(each or 0.0 for each in prizes)
        if extra > prize:
            return Snag(
                "optional", f"serving it would cost {extra:g} more, above its prize of {prize:g}"
            )
    return Snag("search", f"it could take it for {extra:g} more, but the search ended before")


def _beside(trial: Trial, tours: Sequence[Tour], unit: Unit, places: int) -> tuple[Snag, float]:
    """Why these tours have no place for it, and what the cheapest place found costs more.

    Infinite where there is none; only then the reason holds.
    """
    each_places = max(3, places // max(1, len(tours)))
    groups: Counter[str] = Counter()
    snags: list[Snag] = []
    extra = inf
    for tour in tours:
        found = placed(trial, [tour], unit, each_places)
        if isinstance(found, Tour):
            extra = min(extra, found.cost - tour.cost)
            continue
        snag = found or Snag("unreachable" if has_room(trial, tour, unit) else "load", "")
        groups["time" if snag.constraint in TIMES else snag.constraint] += 1
        snags.append(snag)
    told = ", ".join(
        f"{count} {'has' if count == 1 else 'have'} {BESIDE.get(group, 'no place for it')}"
        for group, count in groups.most_common()
    )
    reason = f"all {len(tours)} are used: {told}"
    if len(tours) == 1:
        reason = f"the only one is used, and {told.removeprefix('1 ')}"
    if len(groups) != 1:
        return Snag("fleet", reason), extra
    if snags[0].constraint in TIMES:
        reason += f" (in the nearest place {snags[0].reason})"
    return Snag(snags[0].constraint, reason), extra


def _nearest(trial: Trial, tours: Sequence[Tour], unit: Unit) -> list[Tour]:
    """The tours that pass nearest to it, for trying out what would help."""
    table, stops = trial.problem.travel.distance_m, trial.problem.stops
    here = stops[unit[0]].place

    def away_m(tour: Tour) -> int:
        return min(table.item(here, stops[index].place) for trip in tour.trips for index in trip)

    return sorted(tours, key=away_m)[:NEAR]

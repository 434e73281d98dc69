"""What would let an unserved stop be served: one change at a time, tried before it is told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf

from routing.delivery.insertion import Tour, Unit, placed
from routing.delivery.problem import DeliveryProblem
from routing.delivery.snag import told_moment, told_span
from routing.delivery.stop import Stop
from routing.delivery.travel import LEG_MAX
from routing.delivery.trial import Trial
from routing.delivery.vehicle import Vehicle

# Times are tried in steps of 5 minutes, up to 6 hours; ways up to twice the limit.
STEP_S = 300
STEPS_MAX = 72
# So many of the nearest places are tried with each change.
PLACES = 12


@dataclass(frozen=True, slots=True)
class Case:
    """One vehicle type before an unserved stop.

    near: its tours with the shortest ways there; free: the number of an unused vehicle, if any.
    alone: whether an empty vehicle could take it.
    """

    vehicle: int
    near: Sequence[Tour]
    free: int | None
    alone: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """The part of a problem that a case is about: few stops, so that it is quickly changed."""

    problem: DeliveryProblem
    tours: tuple[Tour, ...]
    unit: Unit
    vehicle: int

    def takes(
        self,
        vehicle: Callable[[Vehicle], Vehicle] | None = None,
        stop: Callable[[Stop], Stop] | None = None,
    ) -> bool:
        """Whether the unit finds a place once the vehicle type, or its own stops, are changed."""
        vehicles, stops = list(self.problem.vehicles), list(self.problem.stops)
        if vehicle is not None:
            vehicles[self.vehicle] = vehicle(vehicles[self.vehicle])
        if stop is not None:
            for index in self.unit:
                stops[index] = stop(stops[index])
        changed = replace(self.problem, vehicles=tuple(vehicles), stops=tuple(stops))
        return isinstance(placed(Trial(changed), self.tours, self.unit, PLACES), Tour)


Remedy = tuple[int, str]


def remedies_of(trial: Trial, cases: Sequence[Case], unit: Unit, extra: float) -> tuple[str, ...]:
    """Sentences, each of a change that was tried and that serves the stop; the smallest of a kind.

    extra: what serving it costs as things are; infinite where that cannot be.
    """
    problem = trial.problem
    if extra < inf:
        prizes = [problem.stops[index].prize for index in unit]
        if None in prizes or extra <= sum(each or 0.0 for each in prizes):
            return ("the plan as it is has a place for it: a longer search would use it",)
        return (f"a prize of {ceil(extra)} would pay for it",)
    told = [
        f"one more vehicle {problem.vehicles[case.vehicle].id} would serve it"
        for case in cases
        if case.alone and case.free is None and problem.vehicles[case.vehicle].count
    ]
    told += _changes([_scene(trial, case, unit) for case in cases])
    if told:
        return tuple(told)
    spare = [_scene(trial, case, unit, spare=True) for case in cases if case.free is None]
    return tuple(f"with one more vehicle as well, {each}" for each in _changes(spare))


def _changes(scenes: Sequence[Scene]) -> list[str]:
    """Of each kind, the smallest change of any vehicle type that serves the stop."""
    best: dict[Callable[[Scene], Iterator[Remedy]], Remedy] = {}
    for scene in scenes:
        for kind in KINDS if scene.tours else ():
            for remedy in kind(scene):
                best[kind] = min(best.get(kind, remedy), remedy)
    return [best[kind][1] for kind in KINDS if kind in best]


def _scene(trial: Trial, case: Case, unit: Unit, *, spare: bool = False) -> Scene:
    """The unit, the tours near it, and an unused vehicle if there is one, or a spare one."""
    problem = trial.problem
    held = [*unit, *(index for tour in case.near for trip in tour.trips for index in trip)]
    new = {index: k for k, index in enumerate(held)}
    names = {problem.stops[index].id for index in held}
    name = problem.vehicles[case.vehicle].id
    numbers = {tour.number for tour in case.near}
    vehicles = list(problem.vehicles)
    count = vehicles[case.vehicle].count
    vehicles[case.vehicle] = replace(vehicles[case.vehicle], count=count + spare)
    free = count if spare else case.free
    part = replace(
        problem,
        vehicles=tuple(vehicles),
        stops=tuple(problem.stops[index] for index in held),
        pairs=tuple(pair for pair in problem.pairs if pair.pickup in names),
        begun=tuple(b for b in problem.begun if b.vehicle == name and b.number in numbers),
    )
    tours = [
        replace(tour, trips=tuple(tuple(new[index] for index in trip) for trip in tour.trips))
        for tour in case.near
    ]
    if free is not None:
        tours.append(Tour(case.vehicle, free))
    return Scene(part, tuple(tours), tuple(range(len(unit))), case.vehicle)


def _least(most: int, works: Callable[[int], bool]) -> int | None:
    """The least amount from 1 to most that works; None if most does not."""
    if most < 1 or not works(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high


def _longer_shift(scene: Scene) -> Iterator[Remedy]:
    vehicle = scene.problem.vehicles[scene.vehicle]

    def later(v: Vehicle, steps: int) -> Vehicle:
        return replace(v, closes_s=min(LEG_MAX, v.closes_s + steps * STEP_S))

    if steps := _least(STEPS_MAX, lambda n: scene.takes(lambda v: later(v, n))):
        until = told_moment(vehicle.closes_s + steps * STEP_S)
        span = told_span(steps * STEP_S)
        yield steps, f"a shift of {vehicle.id} that ends {span} later, at {until}, would serve it"


def _earlier_shift(scene: Scene) -> Iterator[Remedy]:
    vehicle = scene.problem.vehicles[scene.vehicle]

    def sooner(v: Vehicle, steps: int) -> Vehicle:
        return replace(v, opens_s=max(0, v.opens_s - steps * STEP_S))

    most = min(STEPS_MAX, -(-vehicle.opens_s // STEP_S))
    if steps := _least(most, lambda n: scene.takes(lambda v: sooner(v, n))):
        since = max(0, vehicle.opens_s - steps * STEP_S)
        span, moment = told_span(vehicle.opens_s - since), told_moment(since)
        yield (
            steps,
            f"a shift of {vehicle.id} that begins {span} earlier, at {moment}, would serve it",
        )


def _longer_day(scene: Scene) -> Iterator[Remedy]:
    vehicle = scene.problem.vehicles[scene.vehicle]
    limit_s = vehicle.duration_s_max
    if limit_s is None:
        return

    def longer(v: Vehicle, steps: int) -> Vehicle:
        return replace(v, duration_s_max=min(LEG_MAX, limit_s + steps * STEP_S))

    if steps := _least(STEPS_MAX, lambda n: scene.takes(lambda v: longer(v, n))):
        span = told_span(steps * STEP_S)
        yield (
            steps,
            f"{span} more than {told_span(limit_s)} for a route of {vehicle.id} would serve it",
        )


def _longer_way(scene: Scene) -> Iterator[Remedy]:
    vehicle = scene.problem.vehicles[scene.vehicle]
    limit_m = vehicle.distance_m_max
    if limit_m is None:
        return

    def longer(v: Vehicle, metres: int) -> Vehicle:
        return replace(v, distance_m_max=min(LEG_MAX, limit_m + metres))

    if metres := _least(max(1, limit_m), lambda n: scene.takes(lambda v: longer(v, n))):
        yield metres, f"{metres} m more than {limit_m} m for a route of {vehicle.id} would serve it"


def _wider_window(scene: Scene) -> Iterator[Remedy]:
    for index in scene.unit:
        owner = scene.problem.stops[index]
        if not owner.windows:
            continue

        def wider(stop: Stop, steps: int, owner: Stop = owner) -> Stop:
            if stop.id != owner.id:
                return stop
            last = stop.windows[-1]
            closes_s = min(LEG_MAX, last.closes_s + steps * STEP_S)
            return replace(stop, windows=(*stop.windows[:-1], replace(last, closes_s=closes_s)))

        def works(steps: int, wider: Callable[[Stop, int], Stop] = wider) -> bool:
            return scene.takes(stop=lambda stop: wider(stop, steps))

        if steps := _least(STEPS_MAX, works):
            span = told_span(steps * STEP_S)
            until = told_moment(owner.windows[-1].closes_s + steps * STEP_S)
            yield steps, f"a window of {owner.id} open {span} longer, until {until}, would serve it"


def _smaller_load(scene: Scene) -> Iterator[Remedy]:
    """Each way of measuring in turn: as much as goes, with the ways after it still at nothing."""
    whole = scene.problem.stops[scene.unit[0]].load
    if len({scene.problem.stops[index].load for index in scene.unit}) > 1:
        return
    kept = [0] * len(whole)

    def works(load: Sequence[int]) -> bool:
        return scene.takes(stop=lambda stop: replace(stop, load=tuple(load)))

    if not any(whole) or works(whole) or not works(kept):
        return
    for way, full in enumerate(whole):

        def fits(less: int, way: int = way, full: int = full) -> bool:
            return works([*kept[:way], full - less, *kept[way + 1 :]])

        kept[way] = full if fits(0) else full - (_least(full, fits) or 0)
    less = [full - part for full, part in zip(whole, kept, strict=True)]
    if not any(kept):
        return
    many = len(whole) > 1
    told = " and ".join(
        f"{part}" + (f" in dimension {way + 1}" if many else "")
        for way, part in enumerate(less)
        if part
    )
    name = scene.problem.vehicles[scene.vehicle].id
    yield sum(less), f"a load smaller by {told} would fit into {name}"


def _skilled(scene: Scene) -> Iterator[Remedy]:
    vehicle = scene.problem.vehicles[scene.vehicle]
    asked = frozenset[str]().union(*(scene.problem.stops[index].skills for index in scene.unit))
    if missing := asked - vehicle.skills:
        named = " and ".join(sorted(missing))
        if scene.takes(lambda v: replace(v, skills=v.skills | missing)):
            yield len(missing), f"a vehicle {vehicle.id} with {named} would serve it"


def _allowed(scene: Scene) -> Iterator[Remedy]:
    vehicle = scene.problem.vehicles[scene.vehicle]
    stops = [scene.problem.stops[index] for index in scene.unit]
    if any(stop.vehicles is not None and vehicle.id not in stop.vehicles for stop in stops) and (
        scene.takes(stop=lambda stop: replace(stop, vehicles=None))
    ):
        yield 1, f"if {vehicle.id} were allowed there, it would serve it"


KINDS: tuple[Callable[[Scene], Iterator[Remedy]], ...] = (
    _skilled,
    _allowed,
    _longer_shift,
    _earlier_shift,
    _longer_day,
    _longer_way,
    _wider_window,
    _smaller_load,
)

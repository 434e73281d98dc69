"""Loads larger than a cart, parted by their stops."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from routing.pick.batch.demand import BOUNDLESS, capacity_of
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.floor.walkway import Walkways

AnyStop = Stop | NodeStop
# ml, g and units.
Measures = tuple[int, int, int]
NAMES = ("ml", "g", "units")


@dataclass(frozen=True, slots=True)
class Split:
    """A problem whose large loads are parted; unparted: which could not be, with the reason."""

    problem: BatchProblem
    unparted: tuple[tuple[str, str], ...] = ()


def split_loads(problem: BatchProblem) -> Split:
    """Each load larger than a cart in as few parts as first fit finds, neighbours together.

    Part n of load A is called A/n and belongs to order A, or to A's own order. A stop is parted by
    its units only where it alone is more than a cart takes. Loads that fit are left as they are,
    and all of them where the problem says not to split. Equal problems are parted alike.
    """
    if not problem.split:
        return Split(problem)
    most = _most(problem.cart)
    place = _place_of(problem.floor)
    taken = {load.id for load in problem.loads}
    loads: list[Load] = []
    unparted: list[tuple[str, str]] = []
    for load in problem.loads:
        if _fits((load.volume_ml, load.mass_g, load.units), most):
            loads.append(load)
        elif reason := _why_whole(load, most):
            loads.append(load)
            unparted.append((load.id, reason))
        else:
            loads += _parts(load, most, place, taken)
    return Split(replace(problem, loads=tuple(loads)), tuple(unparted))


def _most(cart: Cart) -> Measures:
    """What one load may be: all totes of a cart, whether they are mixed or not."""
    _, mass_g, units = capacity_of(cart)
    return cart.slots * cart.tote_volume_ml, mass_g, units


def _fits(measures: Measures, most: Measures) -> bool:
    return all(size <= limit for size, limit in zip(measures, most, strict=True))


def _measures(stop: AnyStop) -> Measures:
    return stop.volume_ml, stop.mass_g, stop.units


def _why_whole(load: Load, most: Measures) -> str:
    """Why a load cannot be parted; nothing when it can."""
    volume_ml = sum(stop.volume_ml for stop in load.stops)
    mass_g = sum(stop.mass_g for stop in load.stops)
    if volume_ml < load.volume_ml:
        return f"its stops tell {volume_ml} of its {load.volume_ml} ml"
    if mass_g < load.mass_g:
        return f"its stops tell {mass_g} of its {load.mass_g} g"
    for stop in load.stops:
        for name, size, limit in zip(NAMES, _measures(stop), most, strict=True):
            if -(-size // stop.units) > limit:
                return f"a single unit of {-(-size // stop.units)} {name} is more than {limit}"
    return ""


def _place_of(floor: Layout | Walkways) -> Callable[[AnyStop], tuple[int, ...]]:
    """A key that puts stops in the order in which a walk up and down the aisles passes them."""

    def in_layout(stop: AnyStop) -> tuple[int, ...]:
        assert isinstance(stop, Stop) and isinstance(floor, Layout)
        block = sum(y < stop.position_mm for y in floor.cross_aisles_mm)
        return block, stop.aisle, stop.position_mm if stop.aisle % 2 == 0 else -stop.position_mm

    def on_walkways(stop: AnyStop) -> tuple[int, ...]:
        assert isinstance(stop, NodeStop) and isinstance(floor, Walkways)
        at = floor.points[stop.node] if stop.node < len(floor.points) else ()
        return (*at, stop.node)

    return in_layout if isinstance(floor, Layout) else on_walkways


def _parts(
    load: Load, most: Measures, place: Callable[[AnyStop], tuple[int, ...]], taken: set[str]
) -> list[Load]:
    stops = [piece for stop in sorted(load.stops, key=place) for piece in _pieces_of(stop, most)]
    in_a_row = _fill_in_a_row(stops, most)
    spread = _fill_largest_first(stops, most)
    groups = min(in_a_row, spread, key=len)
    mark = "/"
    while any(f"{load.id}{mark}{n + 1}" in taken for n in range(len(groups))):
        mark += "/"
    parts = [
        replace(
            load,
            id=f"{load.id}{mark}{number}",
            stops=tuple(group),
            volume_ml=sum(stop.volume_ml for stop in group),
            mass_g=sum(stop.mass_g for stop in group),
            order=load.order or load.id,
        )
        for number, group in enumerate(groups, start=1)
    ]
    taken.update(part.id for part in parts)
    return parts


def _pieces_of(stop: AnyStop, most: Measures) -> list[AnyStop]:
    """The stop itself, or as often as needed the most units of it that a cart takes."""
    sizes = _measures(stop)
    if _fits(sizes, most):
        return [stop]
    # A share is rounded up by less than one, and the limits are whole: so many units always fit.
    at_once = min(
        limit * stop.units // size if limit < BOUNDLESS and size else stop.units
        for size, limit in zip(sizes, most, strict=True)
    )
    ends = [*range(at_once, stop.units, at_once), stop.units]
    return [
        replace(
            stop,
            units=end - start,
            volume_ml=_share(stop.volume_ml, start, end, stop.units),
            mass_g=_share(stop.mass_g, start, end, stop.units),
        )
        for start, end in zip([0, *ends], ends, strict=False)
    ]


def _share(size: int, start: int, end: int, units: int) -> int:
    """The part of a size that falls to the units from start to end; all shares add up to it."""
    return size * end // units - size * start // units


def _fill_in_a_row(stops: Sequence[AnyStop], most: Measures) -> list[list[AnyStop]]:
    """The least number of parts that leaves the stops in their order."""
    groups: list[list[AnyStop]] = []
    total = most
    for stop in stops:
        together = _add(total, _measures(stop))
        if not groups or not _fits(together, most):
            groups.append([])
            together = _measures(stop)
        groups[-1].append(stop)
        total = together
    return groups


def _fill_largest_first(stops: Sequence[AnyStop], most: Measures) -> list[list[AnyStop]]:
    """First fit, the stop that takes the largest share of a cart first."""

    def share(at: int) -> float:
        return max(size / limit for size, limit in zip(_measures(stops[at]), most, strict=True))

    groups: list[list[int]] = []
    totals: list[Measures] = []
    for at in sorted(range(len(stops)), key=lambda at: (-share(at), at)):
        sizes = _measures(stops[at])
        fitting = (k for k, total in enumerate(totals) if _fits(_add(total, sizes), most))
        k = next(fitting, len(groups))
        if k == len(groups):
            groups.append([])
            totals.append((0, 0, 0))
        groups[k].append(at)
        totals[k] = _add(totals[k], sizes)
    return [[stops[at] for at in group] for group in sorted(map(sorted, groups))]


def _add(a: Measures, b: Measures) -> Measures:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]

"""Checks of tours and batches that know no solver: they walk the way again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from routing.pick.plan import BatchPlan, Point, Tour
from routing.pick.problem import BatchProblem, Layout, Load, Stop


def audit_tour(layout: Layout, stops: Sequence[Stop], tour: Tour) -> list[str]:
    """What is wrong with a tour, in plain sentences; nothing when it holds."""
    if not tour.path or tour.path[0] != layout.depot or tour.path[-1] != layout.depot:
        return ["the path does not start and end at the depot"]
    faults = [
        f"no way leads straight from {a} to {b}"
        for a, b in _legs(tour.path)
        if not _is_walkable(layout, a, b)
    ]
    walked_mm = sum(abs(b[0] - a[0]) + abs(b[1] - a[1]) for a, b in _legs(tour.path))
    if walked_mm != tour.distance_mm:
        faults.append(f"the path is {walked_mm} mm long, the tour says {tour.distance_mm} mm")
    if sorted(tour.visits) != list(range(len(stops))):
        faults.append("the visits are not each stop exactly once")
    elif not faults:
        faults += _audit_visits(layout, stops, tour)
    return faults


def _legs(path: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return pairwise(path)


def _is_walkable(layout: Layout, a: Point, b: Point) -> bool:
    """A leg lies in one aisle or along one cross aisle, inside the block."""
    width_mm = (layout.aisles - 1) * layout.aisle_pitch_mm
    inside = all(0 <= x <= width_mm and 0 <= y <= layout.aisle_length_mm for x, y in (a, b))
    in_aisle = a[0] == b[0] and a[0] % layout.aisle_pitch_mm == 0
    in_cross = a[1] == b[1] and a[1] in (0, layout.aisle_length_mm)
    return inside and (in_aisle or in_cross)


def _audit_visits(layout: Layout, stops: Sequence[Stop], tour: Tour) -> list[str]:
    """Going on along the path, each visited stop is met at or after the one before."""
    legs = list(_legs(tour.path)) or [(layout.depot, layout.depot)]
    leg, gone_mm = 0, 0
    for visit in tour.visits:
        stop = stops[visit]
        place = (stop.aisle * layout.aisle_pitch_mm, stop.position_mm)
        while leg < len(legs) and (at_mm := _met_at(*legs[leg], place)) < gone_mm:
            leg, gone_mm = leg + 1, 0
        if leg == len(legs):
            return [f"the path does not pass stop {visit} at {place} when its turn comes"]
        gone_mm = at_mm
    return []


def _met_at(a: Point, b: Point, place: Point) -> int:
    """How far along the leg the place lies, -1 when it lies beside it."""
    for fixed, along in ((0, 1), (1, 0)):
        low, high = sorted((a[along], b[along]))
        if a[fixed] == b[fixed] == place[fixed] and low <= place[along] <= high:
            return abs(place[along] - a[along])
    return -1


def audit_batches(problem: BatchProblem, plan: BatchPlan) -> list[str]:
    """What is wrong with a batch plan, in plain sentences; nothing when it holds."""
    faults = _audit_loads(problem, plan)
    if faults:
        return faults
    loads = {load.id: load for load in problem.loads}
    for number, batch in enumerate(plan.batches):
        carried = [loads[load_id] for load_id in batch.load_ids]
        faults += [f"cart {number}: {fault}" for fault in _audit_cart(problem, carried)]
        stops = [stop for load in carried for stop in load.stops]
        tour_faults = audit_tour(problem.layout, stops, batch.tour)
        faults += [f"cart {number}: {fault}" for fault in tour_faults]
    total_mm = sum(batch.tour.distance_mm for batch in plan.batches)
    if total_mm != plan.distance_mm:
        faults.append(f"the tours are {total_mm} mm long, the plan says {plan.distance_mm} mm")
    if plan.distance_mm > plan.baseline_mm:
        faults.append("the plan is longer than its baseline")
    return faults


def _audit_loads(problem: BatchProblem, plan: BatchPlan) -> list[str]:
    told = Counter(load_id for batch in plan.batches for load_id in batch.load_ids)
    told.update(load_id for load_id, _ in plan.left_out)
    known = {load.id for load in problem.loads}
    faults = [f"load {load_id} is told {n} times" for load_id, n in told.items() if n > 1]
    faults += [f"load {load_id} is not in the problem" for load_id in told if load_id not in known]
    faults += [
        f"load {load.id} is neither planned nor left out"
        for load in problem.loads
        if load.id not in told
    ]
    faults += [
        f"load {load_id} is left out without a reason" for load_id, r in plan.left_out if not r
    ]
    return faults


def _audit_cart(problem: BatchProblem, carried: Sequence[Load]) -> list[str]:
    cart = problem.cart
    faults = []
    if not carried:
        faults.append("nothing in it")
    if len(carried) > cart.slots:
        faults.append(f"{len(carried)} loads in {cart.slots} slots")
    mass_g = sum(load.mass_g for load in carried)
    if mass_g > cart.mass_g_max:
        faults.append(f"{mass_g} g is more than {cart.mass_g_max} g")
    faults += [
        f"load {load.id} of {load.volume_ml} ml does not go into a tote"
        for load in carried
        if load.volume_ml > cart.tote_volume_ml
    ]
    return faults

"""A check of batches that knows no solver."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.batch.shift_audit import audit_schedule
from routing.pick.floor.layout import NodeStop, Stop
from routing.pick.tour.audit import audit_tour


def audit_batches(problem: BatchProblem, plan: BatchPlan) -> list[str]:
    """What is wrong with a batch plan, in plain sentences; nothing when it holds."""
    faults = _audit_parts(problem, plan) or _audit_loads(problem, plan)
    if faults:
        return faults
    loads = {load.id: load for load in (*problem.loads, *plan.parts)}
    for number, batch in enumerate(plan.batches):
        carried = [loads[load_id] for load_id in batch.load_ids]
        stops = [stop for load in carried for stop in load.stops]
        found = _audit_cart(problem, carried)
        found += audit_tour(problem.floor, stops, batch.tour, precedence=problem.precedence)
        faults += [f"cart {number}: {fault}" for fault in found]
    if plan.schedule is not None:
        faults += audit_schedule(list(loads.values()), problem.shifts, plan.batches, plan.schedule)
    return faults + _audit_totals(plan)


def _audit_totals(plan: BatchPlan) -> list[str]:
    faults = []
    total_mm = sum(batch.tour.distance_mm for batch in plan.batches)
    if total_mm != plan.distance_mm:
        faults.append(f"the tours are {total_mm} mm long, the plan says {plan.distance_mm} mm")
    if plan.distance_mm > plan.baseline_mm:
        faults.append("the plan is longer than its baseline")
    if plan.bound_mm > plan.distance_mm:
        faults.append("the plan is shorter than its bound")
    return faults


def _audit_parts(problem: BatchProblem, plan: BatchPlan) -> list[str]:
    """Parts stand for whole loads: together they hold all that the loads hold."""
    if not plan.parts:
        return []
    if not problem.split:
        return ["loads are parted, but the problem does not allow it"]
    known = {load.id for load in problem.loads}
    faults = [f"part {part.id} has a load's id" for part in plan.parts if part.id in known]
    told = {load_id for batch in plan.batches for load_id in batch.load_ids}
    told.update(load_id for load_id, _ in plan.left_out)
    missing = [load for load in problem.loads if load.id not in told]
    orders = {load.order or load.id for load in missing}
    faults += [f"part {part.id} is of no load" for part in plan.parts if part.order not in orders]
    for order in sorted(orders):
        whole = [load for load in missing if (load.order or load.id) == order]
        parts = [part for part in plan.parts if part.order == order]
        if not parts or _contents(whole) != _contents(parts):
            faults.append(f"the parts of {order} are not what was asked for")
    return faults


def _contents(loads: Sequence[Load]) -> tuple[int, int, dict[tuple[object, ...], int]]:
    units: dict[tuple[object, ...], int] = defaultdict(int)
    for load in loads:
        for stop in load.stops:
            units[*_spot(stop), stop.level, stop.rank] += stop.units
    return sum(load.volume_ml for load in loads), sum(load.mass_g for load in loads), dict(units)


def _spot(stop: Stop | NodeStop) -> tuple[object, ...]:
    if isinstance(stop, NodeStop):
        return (stop.node,)
    return stop.aisle, stop.position_mm, stop.side


def _audit_loads(problem: BatchProblem, plan: BatchPlan) -> list[str]:
    told = Counter(load_id for batch in plan.batches for load_id in batch.load_ids)
    told.update(load_id for load_id, _ in plan.left_out)
    known = {load.id for load in (*problem.loads, *plan.parts)}
    faults = [f"load {load_id} is told {n} times" for load_id, n in told.items() if n > 1]
    faults += [f"load {load_id} is not in the problem" for load_id in told if load_id not in known]
    parted = {part.order for part in plan.parts}
    faults += [
        f"load {load.id} is neither planned nor left out"
        for load in problem.loads
        if load.id not in told and (load.order or load.id) not in parted
    ]
    faults += [f"part {part.id} is not planned" for part in plan.parts if part.id not in told]
    faults += [
        f"load {load_id} is left out without a reason" for load_id, r in plan.left_out if not r
    ]
    return faults


def _audit_cart(problem: BatchProblem, carried: Sequence[Load]) -> list[str]:
    cart = problem.cart
    if not carried:
        return ["nothing in it"]
    faults = []
    tote_ml = cart.tote_volume_ml
    if cart.mixed:
        volume_ml = sum(load.volume_ml for load in carried)
        if volume_ml > cart.slots * tote_ml:
            faults.append(f"{volume_ml} ml do not go into {cart.slots} totes of {tote_ml} ml")
    else:
        # Totes filled to the brim, and one more for what is left; an empty load has one too.
        totes = [load.volume_ml // tote_ml + bool(load.volume_ml % tote_ml) for load in carried]
        needed = sum(max(1, count) for count in totes)
        if needed > cart.slots:
            faults.append(f"{len(carried)} loads need {needed} totes, but there are {cart.slots}")
    mass_g = sum(load.mass_g for load in carried)
    if mass_g > cart.mass_g_max:
        faults.append(f"{mass_g} g is more than {cart.mass_g_max} g")
    units = sum(stop.units for load in carried for stop in load.stops)
    if cart.units_max is not None and units > cart.units_max:
        faults.append(f"{units} units are more than {cart.units_max}")
    return faults

"""A check of batches that knows no solver."""

from collections import Counter
from collections.abc import Sequence

from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem, Load
from routing.pick.tour.audit import audit_tour


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

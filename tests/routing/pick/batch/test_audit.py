from collections.abc import Callable
from dataclasses import replace

import pytest

from routing.pick.batch.audit import audit_batches
from routing.pick.batch.plan import Batch, BatchPlan
from routing.pick.batch.planner import first_come
from routing.pick.batch.problem import Cart
from routing.pick.tour.solve import solve_tour
from tests.routing.pick.floor_plan import a_wave


def _one_cart(plan: BatchPlan) -> BatchPlan:
    load_ids = tuple(load_id for cart in plan.batches for load_id in cart.load_ids)
    problem = a_wave(9, 2, 1)
    tour = solve_tour(problem.floor, problem.stops_of(load_ids))
    return replace(plan, batches=(Batch(load_ids, tour),), distance_mm=tour.distance_mm)


BROKEN_PLANS: dict[str, Callable[[BatchPlan], BatchPlan]] = {
    "a cart forgotten": lambda p: replace(p, batches=p.batches[1:]),
    "a cart twice": lambda p: replace(p, batches=(*p.batches, p.batches[0])),
    "planned and left out": lambda p: replace(p, left_out=(("load-0", "too heavy"),)),
    "a stranger": lambda p: replace(p, left_out=(("nobody", "too heavy"),)),
    "no reason": lambda p: replace(
        p, batches=p.batches[1:], left_out=tuple((i, "") for i in p.batches[0].load_ids)
    ),
    "a false total": lambda p: replace(p, distance_mm=p.distance_mm - 1),
    "worse than the baseline": lambda p: replace(p, baseline_mm=p.distance_mm - 1),
    "another cart's walk": lambda p: replace(
        p,
        batches=(
            replace(p.batches[0], tour=p.batches[1].tour),
            replace(p.batches[1], tour=p.batches[0].tour),
            *p.batches[2:],
        ),
    ),
    "all in one cart": _one_cart,
}


@pytest.mark.parametrize("kind", BROKEN_PLANS)
def test_a_broken_batch_plan_is_found_out(kind: str) -> None:
    problem = a_wave(9, 2, 1)
    plan = first_come(problem)
    assert audit_batches(problem, plan) == []
    assert audit_batches(problem, BROKEN_PLANS[kind](plan))


def test_too_much_mass_and_too_full_a_tote_are_found_out() -> None:
    problem = a_wave(9, 2, 1)
    plan = first_come(problem)
    light = replace(problem, cart=Cart(slots=4, mass_g_max=4_000))
    few = replace(problem, cart=replace(problem.cart, units_max=3))
    mixed = replace(problem, cart=replace(problem.cart, mixed=True, tote_volume_ml=5_000))
    assert any("units are more than" in fault for fault in audit_batches(few, plan))
    assert any("ml do not go into" in fault for fault in audit_batches(mixed, plan))
    small = replace(problem, cart=replace(problem.cart, tote_volume_ml=1_000))
    assert any("g is more than" in fault for fault in audit_batches(light, plan))
    assert any("need " in fault and "totes" in fault for fault in audit_batches(small, plan))

"""Half an order is walked for by nobody."""

import pytest

from routing.pick.baseline import first_come
from routing.pick.problem import Layout
from wms.picking.allocation import Bin, Pick, Want
from wms.picking.tote import CART_MASS_G_MAX, ToteLoad, fill_totes
from wms.picking.wave import WavePlan, batch_problem, wave_plan

LAYOUT = Layout(2, 5_000, 3_000)


def _pick(order: int, line: int, quantity: int, mass_g: int = 100, volume_mm3: int = 1_000) -> Pick:
    want = Want(line, order, 1, line, quantity, volume_mm3, mass_g)
    return Pick(want, Bin(line, line, line, f"A-{line}", line % 2, 1_000, line, quantity), quantity)


def _plan(loads: list[ToteLoad]) -> WavePlan:
    return wave_plan(loads, first_come(batch_problem(LAYOUT, loads)), [])


def test_every_pick_of_a_plan_is_walked_once_and_for_its_own_tote() -> None:
    loads = fill_totes(
        tuple(_pick(order, order * 10 + n, 2) for order in (1, 2, 3) for n in (1, 2))
    )
    plan = _plan(loads)
    tasks = [task for cart in plan.carts for task in cart.tasks]
    assert sorted(task.pick.want.line_id for task in tasks) == [11, 12, 21, 22, 31, 32]
    for cart in plan.carts:
        assert [task.seq for task in cart.tasks] == list(range(1, len(cart.tasks) + 1))
        for task in cart.tasks:
            assert cart.slots[task.slot - 1] == task.pick.want.fulfilment_order_id


def test_an_order_with_a_load_that_no_cart_carries_is_left_out_whole() -> None:
    anvil = _pick(1, 11, 1, mass_g=CART_MASS_G_MAX + 1)
    plan = _plan(fill_totes((_pick(1, 12, 2), anvil, _pick(2, 21, 3))))
    assert [order for order, _ in plan.left_out] == [1]
    [cart] = plan.carts
    assert cart.slots == (2,)
    assert [(task.slot, task.pick.want.line_id) for task in cart.tasks] == [(1, 21)]


def test_a_tote_holds_no_more_than_a_tote() -> None:
    loads = fill_totes((_pick(1, 11, 50, mass_g=1_000),))
    assert [sum(pick.quantity for pick in load.picks) for load in loads] == [20, 20, 10]
    assert len({load.id for load in loads}) == 3


@pytest.mark.parametrize(("mass_g", "volume_mm3"), [(30_000, 1_000), (100, 90_000_000)])
def test_a_unit_that_is_too_large_for_a_tote_has_a_slot_of_its_own(
    mass_g: int, volume_mm3: int
) -> None:
    loads = fill_totes((_pick(1, 11, 2, mass_g, volume_mm3), _pick(1, 12, 1)))
    assert [len(load.picks) for load in loads] == [1, 1, 1]

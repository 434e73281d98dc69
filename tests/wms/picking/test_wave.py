"""Half an order is walked for by nobody."""

import pytest

from routing.pick.batch.baseline import first_come
from routing.pick.floor.layout import Layout
from wms.picking.allocation import Bin, Pick, Want
from wms.picking.tote import CART_MASS_G_MAX, ToteLoad, fill_totes
from wms.picking.wave import Mode, WavePlan, batch_problem, split_loads, wave_plan

LAYOUT = Layout(2, 5_000, 3_000)


def _pick(order: int, line: int, quantity: int, mass_g: int = 100, volume_mm3: int = 1_000) -> Pick:
    want = Want(line, order, 1, line, quantity, volume_mm3, mass_g)
    return Pick(want, Bin(line, line, line, f"A-{line}", line % 2, 1_000, line, quantity), quantity)


def _plan(loads: list[ToteLoad]) -> WavePlan:
    return wave_plan([(loads, first_come(batch_problem(LAYOUT, loads)))], [])


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


def _scaled(quantity: int, whole: int) -> Pick:
    """A quantity of an item of which a whole unit is 2 kg and 2 litres."""
    want = Want(11, 1, 1, 1, quantity, 2_000_000, 2_000, whole)
    return Pick(want, Bin(1, 1, 1, "A-1", 0, 1_000, 1, quantity), quantity)


def test_the_size_of_a_scaled_item_is_that_of_a_whole_unit() -> None:
    [load] = fill_totes((_scaled(3_360, 1_000),))
    assert (load.volume_ml, load.mass_g) == (6_720, 6_720)
    # Ten whole units weigh as much as a tote takes.
    loads = fill_totes((_scaled(25_000, 1_000),))
    assert [sum(pick.quantity for pick in load.picks) for load in loads] == [10_000, 10_000, 5_000]


def _at(order: int, line: int, zone: str, position: int = 1_000) -> Pick:
    want = Want(line, order, 1, line, 2, 1_000, 100)
    bin = Bin(line, line, line, f"A-{line}", 0, position, line, 2, zone=zone)
    return Pick(want, bin, 2)


def _planned(picks: tuple[Pick, ...], mode: Mode) -> WavePlan:
    loads = fill_totes(picks, by_zone=mode is Mode.ZONE)
    parts = [(part, first_come(batch_problem(LAYOUT, part))) for part in split_loads(loads, mode)]
    return wave_plan(parts, [], mode)


PICKS = (_at(1, 11, "A"), _at(1, 12, "B"), _at(2, 21, "A"), _at(3, 31, "B"))


def test_a_discrete_wave_walks_for_one_order_at_a_time() -> None:
    plan = _planned(PICKS, Mode.DISCRETE)
    assert [set(cart.slots) for cart in plan.carts] == [{1}, {2}, {3}]
    assert [cart.number for cart in plan.carts] == [1, 2, 3]


def test_a_zone_wave_keeps_each_walk_in_its_zone() -> None:
    plan = _planned(PICKS, Mode.ZONE)
    zones = [{task.pick.bin.zone for task in cart.tasks} for cart in plan.carts]
    assert sorted(zones, key=str) == [{"A"}, {"B"}]
    # Both walks have a tote of the first order; they meet at its packing place.
    assert all(1 in cart.slots for cart in plan.carts)


def test_a_cluster_wave_fills_the_totes_of_several_orders_on_one_walk() -> None:
    [cart] = _planned(PICKS, Mode.CLUSTER).carts
    assert set(cart.slots) == {1, 2, 3}


def test_a_batch_wave_takes_all_that_comes_from_a_bin_in_one_go() -> None:
    def pick(order: int, item: int) -> Pick:
        want = Want(order * 10 + item, order, 1, item, 2, 1_000, 100)
        # Two items lie at one position of the aisle, on different levels.
        return Pick(want, Bin(item, item, item, f"A-{item}", 0, 1_000, 1, 9), 2)

    picks = tuple(pick(order, item) for order in (1, 2, 3) for item in (1, 2))
    [cart] = _planned(picks, Mode.BATCH).carts
    bins = [task.pick.bin.balance_id for task in cart.tasks]
    assert bins in ([1, 1, 1, 2, 2, 2], [2, 2, 2, 1, 1, 1])

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.pack.audit import audit_cartons
from routing.pack.plan import CartonPlan, PlannedCarton
from routing.pack.problem import Carton, PackItem
from routing.pack.solver import FILL_MAX, plan_cartons

SMALL = Carton("small", 200, 150, 100, tare_g=80, mass_g_max=5_000)
MEDIUM = Carton("medium", 300, 250, 200, tare_g=180, mass_g_max=20_000)
LARGE = Carton("large", 600, 400, 400, tare_g=600, mass_g_max=31_500)
TUBE = Carton("tube", 120, 1_000, 120, tare_g=200, mass_g_max=10_000)
CARTONS = (LARGE, SMALL, TUBE, MEDIUM)


@st.composite
def orders(draw: st.DrawFn) -> list[PackItem]:
    edge = st.integers(1, 450)
    return [
        PackItem(
            f"item-{k}",
            draw(st.integers(1, 300)),
            draw(edge),
            draw(edge),
            draw(edge),
            draw(st.integers(0, 35_000)),
        )
        for k in range(draw(st.integers(0, 12)))
    ]


@settings(deadline=None, max_examples=200)
@given(orders())
def test_nothing_is_lost_and_no_parcel_is_too_full_or_too_heavy(items: list[PackItem]) -> None:
    plan = plan_cartons(items, CARTONS)
    assert audit_cartons(items, CARTONS, plan, FILL_MAX) == []


@settings(deadline=None, max_examples=50)
@given(orders(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_cartons_changes_nothing(items: list[PackItem], rng: Random) -> None:
    plan = plan_cartons(items, CARTONS)
    rng.shuffle(items)
    assert plan_cartons(items, CARTONS[::-1]) == plan


def test_a_small_order_goes_into_the_smallest_carton() -> None:
    plan = plan_cartons([PackItem("cup", 2, 80, 80, 90, 300)], CARTONS)
    assert plan.parcels == (PlannedCarton("small", (("cup", 2),), 680, 1_152),)


def test_a_parcel_holds_several_lines() -> None:
    items = [PackItem("cup", 2, 80, 80, 90, 300), PackItem("card", 9, 100, 150, 1, 10)]
    assert [parcel.contents for parcel in plan_cartons(items, CARTONS).parcels] == [
        (("card", 9), ("cup", 2))
    ]


def test_a_long_item_goes_into_the_long_carton() -> None:
    plan = plan_cartons([PackItem("poster", 1, 60, 60, 900, 200)], CARTONS)
    assert [parcel.carton_code for parcel in plan.parcels] == ["tube"]


def test_an_item_of_the_cartons_own_size_goes_alone() -> None:
    plan = plan_cartons([PackItem("brick", 2, 100, 200, 150, 900)], (SMALL,))
    assert [parcel.contents for parcel in plan.parcels] == [(("brick", 1),)] * 2


def test_boxes_that_cannot_stand_side_by_side_are_parted_though_their_volume_would_fit() -> None:
    boxes = [PackItem("a", 1, 130, 120, 60, 10), PackItem("b", 1, 120, 130, 65, 10)]
    assert sum(box.volume_mm3 for box in boxes) < FILL_MAX * SMALL.volume_mm3
    assert len(plan_cartons(boxes, (SMALL,)).parcels) == 2


def test_equal_boxes_fill_a_carton_whole() -> None:
    plan = plan_cartons([PackItem("cube", 24, 50, 50, 50, 10)], (SMALL,))
    assert [parcel.contents for parcel in plan.parcels] == [(("cube", 24),)]


def test_a_line_too_heavy_for_one_parcel_is_split() -> None:
    plan = plan_cartons([PackItem("lead", 5, 20, 20, 20, 2_400)], (SMALL,))
    assert [parcel.contents for parcel in plan.parcels] == [
        (("lead", 2),),
        (("lead", 2),),
        (("lead", 1),),
    ]
    assert max(parcel.mass_g for parcel in plan.parcels) == 4_880


def test_what_fits_no_carton_is_named_with_its_reason() -> None:
    items = [
        PackItem("table", 2, 1_200, 700, 60, 9_000),
        PackItem("anvil", 1, 100, 100, 100, 40_000),
        PackItem("rail", 3, 30, 30, 950, 12_000),
        PackItem("cup", 1, 80, 80, 90, 300),
    ]
    plan = plan_cartons(items, CARTONS)
    reasons = {key: (quantity, reason) for key, quantity, reason in plan.unpacked}
    assert reasons == {
        "table": (2, "too large for every carton: 60 x 700 x 1200 mm"),
        "anvil": (1, "too heavy for every carton: 40000 g"),
        "rail": (3, "no carton takes both its size and its mass"),
    }
    assert len(plan.parcels) == 1


def test_where_there_is_no_carton_nothing_is_packed_and_that_is_said() -> None:
    cup = PackItem("cup", 2, 80, 80, 90, 300)
    plan = plan_cartons([cup], ())
    assert (plan.parcels, plan.unpacked) == ((), (("cup", 2, "there is no carton"),))


def test_requests_without_sense_are_refused() -> None:
    cup = PackItem("cup", 1, 80, 80, 90, 300)
    with pytest.raises(ValueError, match="item cup is listed twice"):
        plan_cartons([cup, cup], CARTONS)
    with pytest.raises(ValueError, match="carton small is listed twice"):
        plan_cartons([cup], (SMALL, SMALL))
    with pytest.raises(ValueError, match="fill_max"):
        plan_cartons([cup], CARTONS, fill_max=0)
    with pytest.raises(ValueError, match="quantity of item cup"):
        replace(cup, quantity=0)
    with pytest.raises(ValueError, match="depth_mm of item cup"):
        replace(cup, depth_mm=0)
    with pytest.raises(ValueError, match="weighs 80 g empty"):
        replace(SMALL, mass_g_max=80)


GOOD = PlannedCarton("small", (("cup", 2),), 680, 1_152)
BROKEN = {
    "a unit lost": replace(GOOD, contents=(("cup", 1),), mass_g=380, volume_ml=576),
    "a unit too many": replace(GOOD, contents=(("cup", 3),), mass_g=980, volume_ml=1_728),
    "a false mass": replace(GOOD, mass_g=600),
    "a false volume": replace(GOOD, volume_ml=1),
    "no such carton": replace(GOOD, carton_code="huge"),
    "a stranger": replace(GOOD, contents=(("cup", 2), ("spoon", 1))),
    "too narrow a carton": replace(GOOD, carton_code="slim", mass_g=600 + 50),
    "too weak a carton": replace(GOOD, carton_code="weak"),
    "too full a carton": replace(GOOD, carton_code="tight"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plan_is_found_out(kind: str) -> None:
    items = [PackItem("cup", 2, 80, 80, 90, 300)]
    cartons = (
        SMALL,
        Carton("slim", 1_000, 1_000, 70, 50, 5_000),
        Carton("weak", 200, 150, 100, 80, 600),
        Carton("tight", 90, 100, 100, 80, 5_000),
    )
    assert audit_cartons(items, cartons, CartonPlan((GOOD,), ()), FILL_MAX) == []
    assert audit_cartons(items, cartons, CartonPlan((BROKEN[kind],), ()), FILL_MAX)


def test_an_item_left_out_without_a_reason_is_found_out() -> None:
    items = [PackItem("cup", 2, 80, 80, 90, 300)]
    assert audit_cartons(items, CARTONS, CartonPlan((), (("cup", 2, ""),)), FILL_MAX)
    assert not audit_cartons(items, CARTONS, CartonPlan((), (("cup", 2, "broken"),)), FILL_MAX)

"""A sorter's plan as its row says it, and nonsense in it."""

import pytest

from wms.sorting.plan import read_plan


def test_a_row_that_says_nothing_leaves_lanes_to_the_places_that_name_them() -> None:
    plan = read_plan({})
    assert plan.lanes_to("PACK-03", 3) == (3,)
    assert plan.lanes_to("DOCK-01", None) == ()
    assert (plan.reject_lane, plan.rounds_max) == (None, 3)


def test_several_lanes_may_end_at_one_place() -> None:
    lanes = [{"lane": lane, "place": "DOCK-01", "capacity": 20} for lane in (5, 7)]
    plan = read_plan({"lanes": lanes, "reject_lane": 8})
    assert plan.lanes_to("DOCK-01", None) == (5, 7)
    assert plan.lanes_to("DOCK-01", 2) == (2, 5, 7)
    assert plan.lane(7).capacity == 20
    assert plan.set_aside == {8}


def test_the_plan_has_the_last_word_on_a_lane_that_a_place_names() -> None:
    plan = read_plan({"lanes": [{"lane": 3, "place": "DOCK-01"}]})
    assert plan.lanes_to("PACK-03", 3) == ()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"lanes": "all"}, "no list"),
        ({"lanes": [7]}, "7 is no lane"),
        ({"lanes": [{"place": "PACK-01"}]}, "has no number"),
        ({"lanes": [{"lane": 1}, {"lane": 1}]}, "twice"),
        ({"lanes": [{"lane": 65}]}, "not 1 to 64"),
        ({"lanes": [{"lane": 1, "capacity": 0}]}, "capacity"),
        ({"lanes": [{"lane": 1, "place": 5}]}, "is no place"),
        ({"reject_lane": True}, "reject_lane"),
        ({"rounds_max": -1}, "rounds_max"),
    ],
)
def test_nonsense_is_refused_with_a_reason(config: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_plan(config)

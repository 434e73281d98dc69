"""Which lane a unit gets: open ones by their load, room by urgency, and always a reason."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from wms.sorting.lane import Lane, Rule, Way, choose

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAY = Way("T-00001", "PACK-01", (1, 2, 3), due_at=NOON, serial=7)


def test_the_only_lane_to_a_place_is_taken() -> None:
    choice = choose(WAY, [Lane(1, standing=4)])
    assert (choice.lane, choice.rule, choice.other_lane) == (1, Rule.ONLY_LANE, 0)
    assert "PACK-01" in choice.why


def test_of_several_lanes_the_least_loaded_open_one_is_taken() -> None:
    lanes = [Lane(1, standing=4), Lane(2, riding=2), Lane(3, standing=1, closed="rack full")]
    choice = choose(WAY, lanes)
    assert (choice.lane, choice.rule, choice.load) == (2, Rule.LEAST_LOADED, 2)
    assert choice.others == ((1, 4, ""), (3, 1, "closed: rack full"))


def test_the_second_lane_lies_downstream_because_nothing_goes_back() -> None:
    lanes = [Lane(1, standing=3), Lane(2), Lane(3, standing=9)]
    assert choose(WAY, lanes).other_lane == 3
    assert choose(WAY, lanes[:2]).other_lane == 0


def test_a_lane_is_kept_while_nothing_keeps_the_unit_out() -> None:
    lanes = [Lane(1), Lane(2, standing=5)]
    assert choose(WAY, lanes, kept=2).rule is Rule.LANE_KEPT
    shut = [Lane(1), Lane(2, fault=True)]
    assert choose(WAY, shut, kept=2).lane == 1


def test_full_before_the_assignment_another_lane_of_the_place_is_taken() -> None:
    assert choose(WAY, [Lane(1, full=True), Lane(2, standing=40)]).lane == 2


def test_full_without_another_lane_it_is_sent_there_as_room_may_come() -> None:
    choice = choose(WAY, [Lane(1, full=True)])
    assert (choice.lane, choice.rule) == (1, Rule.FULL_FOR_NOW)


def test_a_fault_without_another_lane_leaves_it_on_the_belt() -> None:
    choice = choose(WAY, [Lane(1, fault=True), Lane(2, closed="broken rollers")])
    assert (choice.lane, choice.rule) == (0, Rule.NO_LANE_OPEN)
    assert choice.why.endswith("lane 1 fault; lane 2 closed: broken rollers")


def test_no_lane_at_all_says_so() -> None:
    assert choose(WAY, []).why == "No lane ends at PACK-01"


def test_the_last_room_goes_to_the_more_urgent() -> None:
    lane = Lane(1, standing=11, riding=1, capacity=12)
    later = replace(WAY, unit="T-00002", due_at=None)
    choice = choose(WAY, [lane], yielding=[(40, later, 1)])
    assert (choice.lane, choice.rule) == (1, Rule.ROOM_OF_LESS_URGENT)
    assert choice.instead_of == 40
    assert "T-00002 gives its place up" in choice.why


def test_the_less_urgent_waits_for_room_on_the_belt() -> None:
    lane = Lane(1, standing=11, riding=1, capacity=12)
    earlier = replace(WAY, unit="T-00002", serial=1)
    choice = choose(WAY, [lane], yielding=[(40, earlier, 1)])
    assert (choice.lane, choice.rule, choice.instead_of) == (0, Rule.NO_ROOM, None)


def test_the_least_urgent_of_all_gives_way() -> None:
    lane = Lane(1, standing=10, riding=2, capacity=12)
    riders = [(40, replace(WAY, serial=8), 1), (41, replace(WAY, serial=9), 1)]
    assert choose(WAY, [lane], yielding=riders).instead_of == 41


LANES = st.lists(
    st.builds(
        Lane,
        st.integers(1, 64),
        full=st.booleans(),
        fault=st.booleans(),
        closed=st.sampled_from(["", "full rack"]),
        standing=st.integers(0, 15),
        riding=st.integers(0, 5),
        capacity=st.none() | st.integers(1, 12),
    ),
    max_size=6,
    unique_by=lambda lane: lane.number,
)


@given(LANES, st.integers(0, 64))
def test_a_decision_is_never_for_a_shut_lane_and_always_says_why(
    lanes: list[Lane], kept: int
) -> None:
    choice = choose(WAY, lanes, kept=kept)
    by_number = {lane.number: lane for lane in lanes}
    assert choice.why
    if choice.lane:
        assert by_number[choice.lane].is_open
        free = [one for one in lanes if one.is_open and one.has_room]
        if free and choice.rule is Rule.LEAST_LOADED:
            assert by_number[choice.lane].load == min(one.load for one in free)
    else:
        assert not any(one.is_open and one.has_room for one in lanes)
    if choice.other_lane:
        assert choice.other_lane > choice.lane
        assert by_number[choice.other_lane].is_open
    assert choice.lane not in [lane for lane, _, _ in choice.others]

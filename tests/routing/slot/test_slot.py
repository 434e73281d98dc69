"""Re-slotting plans: against brute force, audited, and never worse than leaving all as it is."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.pick.floor.layout import Layout, Stop
from routing.slot.audit import audit_slots
from routing.slot.plan import Move
from routing.slot.planner import NOTHING, plan_slots
from routing.slot.problem import Holding, Slot, SlotProblem, Walk, fits, way_mm
from routing.slot.solver import arrangements

LAYOUT = Layout(3, 6_000, 3_000)
PLACES = tuple(Stop(aisle, mm) for aisle in range(3) for mm in (1_000, 5_000))


def a_slot(number: int, **more: Any) -> Slot:
    return replace(Slot(id=number, stop=PLACES[number % len(PLACES)]), **more)


def a_holding(number: int, slot_id: int, **more: Any) -> Holding:
    whole = Holding(id=number, slot_id=slot_id, volume_mm3=10, mass_g=10, units=1)
    return replace(whole, **more)


def a_problem(
    slots: list[Slot],
    holdings: list[Holding],
    walks: Sequence[tuple[int, ...]],
    moves_max: int = 10,
) -> SlotProblem:
    return SlotProblem(
        LAYOUT, tuple(slots), tuple(holdings), tuple(Walk(walk) for walk in walks), moves_max
    )


@st.composite
def problems(draw: st.DrawFn) -> SlotProblem:
    """Up to 5 slots and 4 holdings, some of them together, large, fixed or of a class."""
    slots = [
        a_slot(
            number,
            volume_mm3=draw(st.sampled_from([None, 5, 20])),
            classes=draw(st.sampled_from([frozenset(), frozenset({"cold"})])),
            open=draw(st.integers(0, 4)) > 0,
        )
        for number in range(draw(st.integers(1, 5)))
    ]
    holdings = [
        a_holding(
            number,
            draw(st.integers(0, len(slots) - 1)),
            volume_mm3=draw(st.sampled_from([4, 15])),
            storage_class=draw(st.sampled_from(["", "cold"])),
            movable=draw(st.integers(0, 4)) > 0,
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    one = st.lists(st.sampled_from([holding.id for holding in holdings]), min_size=1, max_size=3)
    walks = [tuple(walk) for walk in draw(st.lists(one, max_size=6))]
    return a_problem(slots, holdings, walks, draw(st.integers(0, 5)))


def allowed(problem: SlotProblem) -> list[dict[int, int]]:
    """Every arrangement in which whoever moves comes to a bin that is empty then."""
    slots = {slot.id: slot for slot in problem.slots}
    crowd = problem.crowd()
    found: list[dict[int, int]] = []
    # Seats: one's own place by None, or any slot that holds one or nothing.
    whole: list[int | None] = [slot.id for slot in problem.slots if crowd[slot.id] <= 1]
    seats = whole + [None] * len(problem.holdings)
    for choice in set(permutations(seats, len(problem.holdings))):
        slot_of = {
            holding.id: holding.slot_id if seat is None else seat
            for holding, seat in zip(problem.holdings, choice, strict=True)
        }
        moved = [holding for holding in problem.holdings if slot_of[holding.id] != holding.slot_id]
        if any(not (one.movable and fits(one, slots[slot_of[one.id]])) for one in moved):
            continue
        targets = [slot_of[one.id] for one in moved]
        stayers = {one.slot_id for one in problem.holdings if one not in moved}
        if len(set(targets)) == len(targets) and not stayers & set(targets):
            found.append(slot_of)
    return found


def ways(problem: SlotProblem, slot_of: dict[int, int]) -> int:
    way = {slot.id: way_mm(problem.layout, slot.stop) for slot in problem.slots}
    return sum(picked * way[slot_of[id]] for id, picked in problem.picks().items())


@settings(max_examples=150)
@given(problems())
def test_the_search_is_as_good_as_trying_everything(problem: SlotProblem) -> None:
    found, bound_mm = arrangements(problem)
    home = {holding.id: holding.slot_id for holding in problem.holdings}
    every = allowed(problem)
    assert found[0].ways_mm == min(ways(problem, slot_of) for slot_of in every)
    few = [
        slot_of
        for slot_of in every
        if sum(slot != home[id] for id, slot in slot_of.items()) <= problem.moves_max
    ]
    assert bound_mm <= min(ways(problem, slot_of) for slot_of in few)


@settings(max_examples=150)
@given(problems())
def test_a_plan_holds_and_is_never_longer_than_today(problem: SlotProblem) -> None:
    plan = plan_slots(problem)
    assert not audit_slots(problem, plan)
    assert plan.proposed_mm <= plan.today_mm
    assert plan == plan_slots(problem)


def test_what_is_picked_most_changes_places_with_what_nobody_wants() -> None:
    slots = [a_slot(0), a_slot(5), a_slot(3)]
    problem = a_problem(slots, [a_holding(1, 0), a_holding(2, 5)], [(2,), (2,), (1,)], moves_max=3)
    plan = plan_slots(problem)
    last = {move.holding_id: move.to_slot_id for move in plan.moves}
    assert last[2] == 0
    assert plan.proposed_mm < plan.today_mm


def test_two_full_bins_change_places_only_through_a_free_one() -> None:
    slots = [a_slot(0), a_slot(5)]
    full = a_problem(slots, [a_holding(1, 0), a_holding(2, 5)], [(2,)])
    assert plan_slots(full).method == NOTHING
    # A bin behind both of them: nobody wants it, but it can be lent.
    far = replace(LAYOUT, aisles=4)
    spare = Slot(id=9, stop=Stop(3, 6_000))
    lent = SlotProblem(far, (*slots, spare), full.holdings, (Walk((1,)), *full.walks * 3), 3)
    plan = plan_slots(lent)
    assert not audit_slots(lent, plan)
    assert {move.holding_id: move.to_slot_id for move in plan.moves}[2] == 0


def test_no_more_moves_than_asked_for() -> None:
    slots = [a_slot(number) for number in range(6)]
    holdings = [a_holding(number, 3 + number) for number in range(3)]
    walks = [(0,)] * 3 + [(1,)] * 5 + [(2,)] * 7
    for moves_max in range(4):
        plan = plan_slots(a_problem(slots, holdings, walks, moves_max))
        assert len(plan.moves) <= moves_max
    assert plan_slots(a_problem(slots, holdings, walks, 1)).moves[0].holding_id == 2


def test_without_walks_nothing_is_proposed() -> None:
    plan = plan_slots(a_problem([a_slot(0), a_slot(5)], [a_holding(1, 5)], []))
    assert (plan.moves, plan.today_mm, plan.saving) == ((), 0, 0.0)


def test_the_auditor_finds_what_is_wrong() -> None:
    slots = [a_slot(0), a_slot(5), a_slot(3, volume_mm3=1), a_slot(4, open=False)]
    problem = a_problem(
        slots, [a_holding(1, 0), a_holding(2, 5), a_holding(3, 5, movable=False)], [(2,)]
    )
    plan = plan_slots(problem)
    for wrong in (
        Move(2, 5, 0, 0, 0),
        Move(2, 0, 3, 0, 0),
        Move(2, 5, 3, 0, 0),
        Move(2, 5, 4, 0, 0),
        Move(3, 5, 4, 0, 0),
        Move(7, 5, 4, 0, 0),
    ):
        assert audit_slots(problem, replace(plan, moves=(wrong,))), wrong
    assert audit_slots(problem, replace(plan, today_mm=plan.today_mm + 1))
    assert audit_slots(problem, replace(plan, proposed_mm=plan.proposed_mm - 1))


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="lies in no slot"):
        a_problem([a_slot(0)], [a_holding(1, 7)], [])
    with pytest.raises(ValueError, match="twice"):
        a_problem([a_slot(0), a_slot(0)], [], [])
    with pytest.raises(ValueError, match="none"):
        a_problem([a_slot(0)], [a_holding(1, 0)], [(2,)])
    with pytest.raises(ValueError, match="moves_max"):
        a_problem([a_slot(0)], [], [], moves_max=-1)

"""Which of the waiting orders a wave takes: who has to go goes, and the others where they lie."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from routing.pick.wave.baseline import first_come
from routing.pick.wave.plan import WaveChoice
from wms.picking.allocation import Bin, Want
from wms.picking.choice import (
    ELSEWHERE,
    FULL,
    TOO_LITTLE,
    Candidate,
    answer_of,
    fits,
    have_to_go,
    in_sequence,
    question_of,
)
from wms.picking.limit import Limits

NOW = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
LIMITS = Limits(orders_max=2, overtaken_max=timedelta(minutes=30), lead=timedelta(hours=1))
NEAR, FAR = 1, 2


def waits(order: int, minutes: int = 0, lines: int = 1, hours: int | None = None) -> Candidate:
    cut_off = None if hours is None else NOW + timedelta(hours=hours)
    return Candidate(order, lines, NOW - timedelta(minutes=minutes), cut_off)


def want(order: int, item: int, quantity: int, whole: int = 1) -> Want:
    return Want(order * 10, order, 1, item, quantity, 1, 1, whole)


def lies(item: int, aisle: int, free: int, day: int | None = None) -> Bin:
    number = item * 100 + aisle * 10 + (day or 0)
    expires_on = None if day is None else date(2011, 1, day)
    return Bin(number, item, number, f"B-{number}", aisle, 1_000, number, free, expires_on)


def test_who_has_waited_long_or_has_a_cut_off_near_or_ranks_first_has_to_go() -> None:
    waiting = [waits(1), waits(2, 29), waits(3, 30), waits(4, hours=1), waits(5, hours=2)]
    assert have_to_go(waiting, LIMITS, NOW) == {1, 3, 4}
    assert have_to_go([], LIMITS, NOW) == set()


def test_whose_cut_off_is_near_comes_before_all_others() -> None:
    waiting = [waits(1), waits(2, hours=3), waits(3, hours=1), waits(4)]
    assert [one.fulfilment_order_id for one in in_sequence(waiting, LIMITS, NOW)] == [3, 1, 2, 4]


def test_a_choice_is_asked_for_only_where_not_all_fit() -> None:
    waiting = [waits(1, lines=3), waits(2, lines=4)]
    assert fits(waiting, 7, LIMITS)
    assert fits(waiting, None, LIMITS)
    assert not fits(waiting, 6, LIMITS)
    assert not fits([*waiting, waits(3)], None, LIMITS)


def test_the_question_is_in_whole_units_and_knows_who_must_go() -> None:
    waiting = [waits(1, lines=2), waits(2), waits(3)]
    wants = [want(1, NEAR, 2), want(1, FAR, 2_500, whole=1_000), want(2, NEAR, 1)]
    wants.append(want(3, FAR, 1, whole=1_000))
    bins = [lies(NEAR, 0, 9), lies(FAR, 3, 5_999), lies(99, 7, 5)]
    question = question_of(waiting, wants, bins, {3}, 2, LIMITS)
    assert question is not None
    assert question.problem.orders == (((NEAR, 2), (FAR, 3)), ((NEAR, 1),), ((FAR, 1),))
    assert question.aisles == (0, 3)
    # Five whole thousands and a part of one are five.
    assert question.problem.aisles == (((NEAR, 9),), ((FAR, 5),))
    # Of four lines the pickers can take two, so of seven units three.
    assert (question.problem.units_min, question.problem.units_max) == (2, 3)
    assert question.problem.must == {2}
    assert question_of(waiting, wants, [], {3}, 2, LIMITS) is None


def test_of_goods_that_expire_only_those_count_whose_turn_it_is() -> None:
    waiting = [waits(1), waits(2), waits(3)]
    wants = [want(order, NEAR, 2) for order in (1, 2, 3)]
    bins = [lies(NEAR, 0, 4, day=1), lies(NEAR, 1, 4, day=2), lies(NEAR, 2, 4, day=3)]
    question = question_of(waiting, wants, bins, set(), None, LIMITS)
    assert question is not None
    assert question.aisles == (0, 1)


def test_who_is_left_out_is_told_why() -> None:
    limits = Limits(orders_max=3)
    waiting = [waits(order) for order in range(1, 6)]
    wants = [want(1, NEAR, 2), want(2, FAR, 1), want(3, NEAR, 9), want(4, NEAR, 2), want(5, 3, 1)]
    bins = [lies(NEAR, 0, 8), lies(FAR, 1, 5), lies(3, 0, 5)]
    question = question_of(waiting, wants, bins, {2}, None, limits)
    assert question is not None
    room = question.problem.units_max
    # The choice did not take the order that must go, whatever the reason: it goes all the same.
    chosen = answer_of(question, WaveChoice((0,), (0,), room, 9.0, True, "test"))
    assert chosen.orders == (2, 1)
    assert dict(chosen.left_out) == {3: TOO_LITTLE, 4: FULL, 5: FULL}
    elsewhere = answer_of(question, WaveChoice((1,), (1,), 1, 9.0, True, "test"))
    assert set(dict(elsewhere.left_out).values()) == {ELSEWHERE}
    assert chosen.facts is not None
    assert chosen.facts["waiting"] == 5


orders = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=3),
    min_size=1,
    max_size=8,
)


@given(orders, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8), st.data())
def test_every_order_is_chosen_or_left_out_once(
    asked: list[list[tuple[int, int]]], shelves: list[tuple[int, int]], data: st.DataObject
) -> None:
    waiting = [waits(number + 1, lines=len(lines)) for number, lines in enumerate(asked)]
    must = data.draw(st.sets(st.sampled_from([one.fulfilment_order_id for one in waiting])))
    wants = [
        want(number + 1, item, quantity)
        for number, lines in enumerate(asked)
        for item, quantity in lines
    ]
    bins = [lies(item, aisle, 5) for item, aisle in shelves]
    question = question_of(waiting, wants, bins, must, 6, Limits(orders_max=5))
    if question is None:
        assert not [bin for bin in bins if bin.item_id in {one.item_id for one in wants}]
        return
    loose = question.problem.__class__(
        question.problem.orders,
        question.problem.aisles,
        0,
        question.problem.units_max,
        question.problem.must,
    )
    chosen = answer_of(question, first_come(loose))
    told = [*chosen.orders, *(order for order, _ in chosen.left_out)]
    assert sorted(told) == [one.fulfilment_order_id for one in waiting]
    assert must <= set(chosen.orders)
    assert all(reason for _, reason in chosen.left_out)
    # Who has to go stands before the others, each part in the sequence of the orders.
    first = [order for order in chosen.orders if order in must]
    assert list(chosen.orders[: len(first)]) == first
    assert all(before < after for before, after in pairwise(first))

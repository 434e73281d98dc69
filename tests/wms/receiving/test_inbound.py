"""The rules of receiving: states, tolerance, what is still to come, and what a sample is."""

from datetime import timedelta
from itertools import product

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, rows
from wms.error import Conflict
from wms.receiving.arrival import Arrival, Tally, parts_of
from wms.receiving.inbound import (
    LATE_BY,
    MOVES,
    Condition,
    Difference,
    Event,
    Kind,
    State,
    after,
    most_of,
    sample_of,
    still_to_come,
    supply_at,
)

UNLISTED = [pair for pair in product(State, Event) if pair not in MOVES]


@pytest.mark.parametrize(("state", "event"), UNLISTED)
def test_a_move_that_is_not_listed_is_refused(state: State, event: Event) -> None:
    with pytest.raises(Conflict) as refusal:
        after(state, event)
    assert refusal.value.code == "wrong_state"


@pytest.mark.parametrize(("pair", "to"), MOVES.items())
def test_a_listed_move_leads_where_the_table_says(pair: tuple[State, Event], to: State) -> None:
    assert after(*pair) is to


def test_an_end_has_no_way_out() -> None:
    left = {state for state, _ in MOVES}
    assert set(State) - left == {State.CLOSED, State.CANCELLED}


@pytest.mark.both_servers
async def test_the_database_lists_the_same_moves(pool: asyncpg.Pool) -> None:
    listed = await rows(pool, "select from_state, event, to_state from inbound_move")
    assert {(row["from_state"], row["event"]): row["to_state"] for row in listed} == MOVES


def test_so_much_more_than_announced_may_come() -> None:
    assert most_of(48, 0) == 48
    assert most_of(48, 5) == 50
    assert most_of(1, 99) == 1
    assert most_of(48, 100) == 96


def test_a_date_that_is_past_is_moved_and_one_to_come_is_kept() -> None:
    later = NOW + timedelta(hours=1)
    assert supply_at(later, NOW) == later
    for past in (NOW, NOW - timedelta(days=9)):
        assert supply_at(past, NOW) == NOW + LATE_BY


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", Kind)
def test_only_an_asn_that_still_takes_goods_in_promises_any(state: State, kind: Kind) -> None:
    waits = kind is Kind.ASN and state in (State.ANNOUNCED, State.RECEIVING)
    assert still_to_come(state, kind, 10, 3) == (7 if waits else 0)
    assert still_to_come(state, kind, 10, 12) == 0


def test_a_difference_is_over_under_damaged_or_held() -> None:
    assert not Difference("MUG", 0, 10, 10, 0, 0).any
    assert Difference("MUG", 0, 10, 12, 0, 0).over == 2
    assert Difference("MUG", 0, 10, 7, 0, 0).under == 3
    for parts in ((1, 0), (0, 1)):
        assert Difference("MUG", 0, 10, 10, *parts).any


def test_a_sample_is_the_share_rounded_up() -> None:
    assert sample_of(10, 10, 0, 0) == 1
    assert sample_of(11, 10, 0, 0) == 2
    assert sample_of(1, 1, 0, 0) == 1
    assert sample_of(5, 0, 0, 0) == 0
    assert sample_of(5, 100, 0, 0) == 5


receipts = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from(Condition), st.booleans()), min_size=1, max_size=9
)


@given(receipts, st.integers(0, 100))
def test_samples_come_to_the_share_of_all_good_goods_however_they_came(
    came: list[tuple[int, Condition, bool]], percent: int
) -> None:
    tally = Tally()
    for quantity, condition, expired in came:
        arrival = Arrival(1, quantity, "", (), None, condition, expired, 1)
        parts = parts_of(arrival, tally, percent)
        assert sum(part.quantity for part in parts) == quantity
        assert all(part.quantity > 0 for part in parts)
        tally = tally.plus(parts)
    assert tally.received == sum(quantity for quantity, _, _ in came)
    assert tally.sampled == -(-tally.good * percent // 100)
    assert tally.sampled + tally.damaged + tally.held <= tally.received


def test_damaged_goods_are_damaged_also_where_they_expired() -> None:
    for expired in (True, False):
        arrival = Arrival(1, 5, "L1", (), None, Condition.DAMAGED, expired, 1)
        assert [(p.status, p.quantity) for p in parts_of(arrival, Tally(), 100)] == [("damaged", 5)]


def test_expired_goods_are_held_and_no_sample_is_taken_of_them() -> None:
    arrival = Arrival(1, 5, "L1", (), None, Condition.GOOD, True, 1)
    assert [(p.status, p.quantity) for p in parts_of(arrival, Tally(), 50)] == [("hold", 5)]


def test_every_piece_with_a_serial_is_booked_as_itself() -> None:
    arrival = Arrival(1, 3, "", ("S1", "S2", "S3"), None, Condition.GOOD, False, 1)
    parts = [(part.status, part.quantity, part.serial) for part in parts_of(arrival, Tally(), 40)]
    assert parts == [
        ("quarantine", 1, "S1"),
        ("quarantine", 1, "S2"),
        ("available", 1, "S3"),
    ]

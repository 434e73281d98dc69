"""What a gateway's messages come to, in whatever order they come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.orders.payment import PaymentState, Told, standing

NOON = datetime(2010, 12, 1, 12, tzinfo=UTC)
TOTAL = 1_000


def _told(state: str, minute: int = 0, amount: int = TOTAL, reference: str = "ch_1") -> Told:
    return Told(state, amount, reference, NOON + timedelta(minutes=minute))


def test_nothing_told_is_pending() -> None:
    assert standing([], 0).state is PaymentState.PENDING


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ([_told("pending"), _told("authorised", 1)], "authorised"),
        ([_told("authorised", 1), _told("pending")], "authorised"),
        ([_told("authorised"), _told("failed", 1)], "failed"),
        ([_told("failed"), _told("authorised", 1)], "authorised"),
        ([_told("failed", 0, TOTAL, "ch_0"), _told("paid", 1)], "paid"),
        ([_told("paid", 1), _told("authorised", 5)], "paid"),
        ([_told("paid", 1), _told("pending", 5)], "paid"),
        # The buyer's second try failed after the first had gone through.
        ([_told("paid", 1), _told("failed", 5, TOTAL, "ch_2")], "paid"),
        # The first try failed, and that is told late.
        ([_told("paid", 5), _told("failed", 1)], "paid"),
        # The debit bounced.
        ([_told("paid", 1), _told("failed", 5)], "failed"),
        ([_told("paid", 1), _told("failed", 5), _told("paid", 9)], "paid"),
        ([_told("paid"), _told("refunded", 1, 300)], "partially_refunded"),
        ([_told("paid"), _told("refunded", 1, 300), _told("refunded", 2, 700)], "refunded"),
        ([_told("refunded", 2), _told("paid", 1)], "refunded"),
    ],
)
def test_the_order_of_arrival_changes_nothing(told: list[Told], state: str) -> None:
    for arrived in permutations(told):
        assert standing(arrived, TOTAL).state == state


def test_what_is_given_back_counts_once_it_was_paid() -> None:
    refund = _told("refunded", 1, 300)
    assert standing([refund], 0).refunded_minor == 0
    assert standing([refund, _told("paid")], TOTAL).refunded_minor == 300


MESSAGES = st.builds(
    Told,
    st.sampled_from(["pending", "authorised", "paid", "failed", "refunded"]),
    st.integers(1, TOTAL),
    st.sampled_from(["ch_1", "ch_2"]),
    st.integers(0, 9).map(lambda minute: NOON + timedelta(minutes=minute)),
)


@given(st.lists(MESSAGES, max_size=8))
def test_never_more_comes_back_than_was_paid(told: list[Told]) -> None:
    found = standing(told, TOTAL)
    assert 0 <= found.refunded_minor <= TOTAL
    assert standing(sorted(told, key=lambda one: one.at), TOTAL) == found
    assert (found.state is PaymentState.REFUNDED) == (
        found.refunded_minor == TOTAL and found.state is not PaymentState.PAID
    )

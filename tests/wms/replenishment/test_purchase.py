"""The rules of buying: allowed quantities, price breaks, amounts, and states."""

from itertools import product

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import rows
from wms.error import Conflict, Refused
from wms.replenishment.purchase import (
    MOVES,
    Event,
    PriceBreak,
    State,
    SupplierItem,
    after,
    amount_of,
    nearest_allowed,
    price_for,
)

BREAKS = (PriceBreak(1, 120), PriceBreak(48, 100), PriceBreak(96, 95))
UNLISTED = [pair for pair in product(State, Event) if pair not in MOVES]


@pytest.mark.parametrize(("state", "event"), UNLISTED)
def test_a_move_that_is_not_listed_is_refused(state: State, event: Event) -> None:
    with pytest.raises(Conflict) as refusal:
        after(state, event)
    assert refusal.value.code == "wrong_state"


def test_an_end_has_no_way_out() -> None:
    left = {state for state, _ in MOVES}
    assert set(State) - left == {State.RECEIVED, State.CLOSED, State.CANCELLED}


@pytest.mark.both_servers
async def test_the_database_lists_the_same_moves(pool: asyncpg.Pool) -> None:
    listed = await rows(pool, "select from_state, event, to_state from purchase_move")
    assert {(row["from_state"], row["event"]): row["to_state"] for row in listed} == MOVES


@pytest.mark.parametrize(
    ("wanted", "nearest"), [(1, 24), (23, 24), (24, 24), (29, 24), (30, 36), (31, 36), (42, 48)]
)
def test_the_nearest_quantity_is_named_and_of_two_the_larger(wanted: int, nearest: int) -> None:
    assert nearest_allowed(wanted, minimum=20, multiple=12) == nearest


@given(st.integers(1, 10_000), st.integers(1, 500), st.integers(1, 500))
def test_no_allowed_quantity_is_nearer(wanted: int, minimum: int, multiple: int) -> None:
    nearest = nearest_allowed(wanted, minimum, multiple)
    assert nearest >= minimum
    assert nearest % multiple == 0
    for other in (nearest - multiple, nearest + multiple):
        assert other < minimum or abs(other - wanted) >= abs(nearest - wanted)


def test_the_price_is_that_of_the_largest_break_reached() -> None:
    assert [price_for(n, BREAKS) for n in (1, 47, 48, 95, 96, 10_000)] == [
        120, 120, 100, 100, 95, 95,
    ]  # fmt: skip


def test_an_amount_of_a_scaled_item_is_rounded_half_up() -> None:
    assert amount_of(96, 0, 95) == 9_120
    assert amount_of(3_360, 2, 199) == 6_686
    assert amount_of(5, 1, 1) == 1
    assert amount_of(4, 1, 1) == 0


@pytest.mark.parametrize(
    ("prices", "pointer"),
    [
        ((), "/prices"),
        ((PriceBreak(1, 5), PriceBreak(1, 4)), "/prices"),
        ((PriceBreak(9, 5), PriceBreak(3, 4)), "/prices"),
        ((PriceBreak(25, 5),), "/prices/0/from_quantity"),
    ],
)
def test_prices_ascend_and_begin_at_the_least_quantity(
    prices: tuple[PriceBreak, ...], pointer: str
) -> None:
    with pytest.raises(Refused) as refusal:
        SupplierItem(minimum=20, multiple=12, prices=prices)
    assert (refusal.value.code, refusal.value.pointer) == ("bad_supplier_item", pointer)


def test_a_first_price_at_the_least_multiple_is_enough() -> None:
    assert SupplierItem(20, 12, (PriceBreak(24, 5),)).prices[0].price_minor == 5

"""What warehouses give each other, what is bought, and the moves of a proposal."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms.error import Conflict
from wms.replenishment.proposal import (
    MOVES,
    Event,
    Level,
    Offer,
    Standing,
    State,
    after,
    allowed_from,
    cheapest,
    share_out,
)
from wms.replenishment.purchase import PriceBreak

UNLISTED = [pair for pair in product(State, Event) if pair not in MOVES]
LEVEL = Level(safety_stock=5, reorder_point=20, order_up_to=50)


@pytest.mark.parametrize(("state", "event"), UNLISTED)
def test_a_move_that_is_not_listed_is_refused(state: State, event: Event) -> None:
    with pytest.raises(Conflict):
        after(state, event)


def at(warehouse_id: int, free: int, coming: int = 0, level: Level = LEVEL) -> Standing:
    return Standing(1, warehouse_id, free, coming, level)


@pytest.mark.parametrize(
    ("free", "coming", "wanted"),
    [(21, 0, 0), (20, 0, 30), (5, 16, 0), (5, 15, 30), (0, 0, 50), (400, 0, 0)],
)
def test_as_much_is_wanted_as_lifts_the_position_to_the_level(
    free: int, coming: int, wanted: int
) -> None:
    assert at(1, free, coming).wanted == wanted


def test_what_nobody_wants_any_more_is_not_got() -> None:
    assert at(1, 0, level=Level(0, 0, 0)).wanted == 0


def test_whoever_has_the_most_to_spare_gives_and_the_rest_is_bought() -> None:
    fetches, rest = share_out([at(1, 0), at(2, 60), at(3, 75)])
    assert [(each.from_warehouse_id, each.to_warehouse_id, each.quantity) for each in fetches] == [
        (3, 1, 25),
        (2, 1, 10),
    ]
    assert [(each.warehouse_id, missing) for each, missing in rest] == [(1, 15)]


def test_goods_that_are_still_coming_are_not_given_away() -> None:
    fetches, _ = share_out([at(1, 0), at(2, 10, coming=100)])
    assert [each.quantity for each in fetches] == [10]


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 30), st.integers(0, 40)),
        min_size=1,
        max_size=6,
    )
)
def test_nobody_gives_what_he_will_miss_or_gets_more_than_he_wants(
    stands: list[tuple[int, int, int]],
) -> None:
    standings = [
        at(number, free, coming, Level(0, point, point + 10))
        for number, (free, coming, point) in enumerate(stands)
    ]
    fetches, rest = share_out(standings)
    bought = {each.warehouse_id: missing for each, missing in rest}
    for each in standings:
        given_away = sum(
            one.quantity for one in fetches if one.from_warehouse_id == each.warehouse_id
        )
        got = sum(one.quantity for one in fetches if one.to_warehouse_id == each.warehouse_id)
        assert given_away <= each.spare
        assert got + bought.get(each.warehouse_id, 0) == each.wanted
        assert not (got and given_away)


def offer(supplier_id: int, *prices: tuple[int, int], minimum: int = 1, multiple: int = 1) -> Offer:
    breaks = tuple(PriceBreak(*each) for each in prices)
    return Offer(supplier_id, f"S{supplier_id}", 5, 0, minimum, multiple, breaks)


def test_goods_are_bought_where_a_piece_costs_least() -> None:
    buy = cheapest([offer(1, (1, 120)), offer(2, (1, 130), (50, 90))], 60, 0)
    assert buy is not None
    assert (buy.offer.supplier_id, buy.quantity, buy.amount_minor) == (2, 60, 5_400)


def test_more_is_bought_where_more_costs_no_more() -> None:
    buy = cheapest([offer(1, (1, 120), (48, 100))], 44, 0)
    assert buy is not None
    assert (buy.quantity, buy.amount_minor, buy.breaks_price) == (48, 4_800, True)
    fewer = cheapest([offer(1, (1, 120), (48, 100))], 39, 0)
    assert fewer is not None
    assert (fewer.quantity, fewer.breaks_price) == (39, False)


def test_nobody_sells_what_has_no_offer() -> None:
    assert cheapest([], 5, 0) is None


@given(st.integers(1, 500), st.integers(1, 100), st.integers(1, 60))
def test_what_is_bought_can_be_ordered(quantity: int, minimum: int, multiple: int) -> None:
    bought = allowed_from(quantity, minimum, multiple)
    assert bought >= max(quantity, minimum)
    assert bought % multiple == 0
    assert bought - multiple < max(quantity, minimum)

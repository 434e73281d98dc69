"""Places of the house, each with one code and one kind."""

import asyncpg
import pytest

from tests.builders import PLACES, enter_house, place_ids
from wms.bins import queries as bins
from wms.bins.place import Place, PlaceKind, is_tote_label
from wms.bins.warehouse import layout_of
from wms.database.pool import staff_transaction
from wms.error import NotFound, Refused
from wms.journey.entry import enter_places


@pytest.mark.parametrize("code", ["T-00001", "T-99999"])
def test_a_tote_has_five_digits(code: str) -> None:
    assert is_tote_label(code)


@pytest.mark.parametrize("code", ["T-1", "t-00001", "T-000001", "CART-01", "", "T-00001\n"])
def test_nothing_else_is_a_tote(code: str) -> None:
    assert not is_tote_label(code)


def test_a_layout_is_as_large_as_its_bins() -> None:
    layout = layout_of(list(PLACES))
    assert (layout.aisles, layout.aisle_length_mm) == (2, 4_000)
    assert layout.aisle_pitch_mm == 3_000


@pytest.mark.parametrize(
    ("places", "pointer"),
    [
        ([Place("CART-09", PlaceKind.CART), Place("CART-09", PlaceKind.CART)], "/1/code"),
    ],
)
@pytest.mark.both_servers
async def test_a_place_that_makes_no_sense_is_refused_whole(
    pool: asyncpg.Pool, places: list[Place], pointer: str
) -> None:
    await enter_house(pool)
    with pytest.raises(Refused) as refusal:
        async with staff_transaction(pool) as connection:
            await enter_places(connection, "MAIN", places)
    assert (refusal.value.code, refusal.value.pointer) == ("bad_place", pointer)
    async with staff_transaction(pool) as connection:
        assert "CART-09" not in await place_ids(connection)


@pytest.mark.both_servers
async def test_a_house_that_is_entered_again_is_the_same(pool: asyncpg.Pool) -> None:
    first = await enter_house(pool)
    async with staff_transaction(pool) as connection:
        places = await place_ids(connection)
    assert await enter_house(pool) == first
    async with staff_transaction(pool) as connection:
        assert await place_ids(connection) == places
        with pytest.raises(NotFound):
            await bins.the_warehouse(connection, "NOWHERE")

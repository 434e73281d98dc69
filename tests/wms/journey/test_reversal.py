"""Undo is a reversal that points back, once."""

import asyncio

import asyncpg
import pytest

from tests.builders import (
    BINS,
    NOW,
    availability,
    buy,
    differences,
    fulfilment_id_of,
    pay,
    rows,
    value,
)
from tests.wms.journey.desk import Desk, open_desk
from tests.wms.journey.people import holds_of
from tests.wms.stock.shelf import Shelf, new_shelf, on_hand, post
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound, Refused, WmsError
from wms.journey.reversal import reverse_movement
from wms.outbox.command import Answer
from wms.stock.ledger import REVERSIBLE, Line

A, B = BINS[:2]


async def _post(shelf: Shelf, pool: asyncpg.Pool, kind: str, *lines: Line) -> int:
    async with staff_transaction(pool) as connection:
        return await post(connection, shelf, kind, *lines)


async def _reverse(desk: Desk, movement_id: int, key: str | None = None) -> Answer:
    request = desk.request("reversal", movement_id, key)
    return await reverse_movement(desk.pool, movement_id, request, "a mistake", NOW)


async def _held(pool: asyncpg.Pool, shelf: Shelf) -> dict[tuple[str, str], int]:
    async with staff_transaction(pool) as connection:
        return await on_hand(connection, shelf)


async def test_undo_is_a_reversal_that_points_back_once(pool: asyncpg.Pool) -> None:
    shelf, desk = await new_shelf(pool, "MUG", "CUP"), await open_desk(pool)
    await _post(shelf, pool, "receipt", shelf.line("MUG", 7, "SUPPLIER", A))
    moved = await _post(
        shelf,
        pool,
        "move",
        shelf.line("MUG", 3, A, B),
        shelf.line("CUP", 2, "SUPPLIER", B),
    )
    undone = await _reverse(desk, moved, "undo")
    assert undone.body["reverses"] == moved
    assert await _held(pool, shelf) == {("MUG", A): 7}
    [row] = await rows(
        pool,
        "select m.kind, m.reverses, m.reason, m.actor, r.movement_id from movement m "
        "join reversal r on r.reversed_by = m.id where m.id = $1",
        undone.body["movement_id"],
    )
    assert tuple(row) == ("reversal", moved, "a mistake", desk.staff.actor, moved)
    # The same request gets its answer again, another one is too late.
    assert (await _reverse(desk, moved, "undo")).body == undone.body
    with pytest.raises(Conflict) as again:
        await _reverse(desk, moved)
    assert again.value.code == "reversed_before"
    assert await _held(pool, shelf) == {("MUG", A): 7}
    assert await differences(pool) == []


async def test_of_five_that_undo_at_once_one_does(pool: asyncpg.Pool) -> None:
    shelf, desk = await new_shelf(pool, "MUG"), await open_desk(pool)
    moved = await _post(shelf, pool, "receipt", shelf.line("MUG", 100, "SUPPLIER", A))
    await _post(shelf, pool, "receipt", shelf.line("MUG", 900, "SUPPLIER", A))
    answers = await asyncio.gather(
        *(_reverse(desk, moved) for _ in range(5)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, WmsError)]
    assert [error.code for error in refused] == ["reversed_before"] * 4
    assert await _held(pool, shelf) == {("MUG", A): 900}


async def test_claims_on_goods_that_never_came_give_way(pool: asyncpg.Pool) -> None:
    shelf, desk = await new_shelf(pool, "MUG"), await open_desk(pool)
    await _post(shelf, pool, "receipt", shelf.line("MUG", 5, "SUPPLIER", A))
    mistake = await _post(shelf, pool, "receipt", shelf.line("MUG", 5, "SUPPLIER", B))
    older, younger = [await buy(pool, shelf.shop, ("MUG", 4)) for _ in range(2)]
    for order in (older, younger):
        await pay(pool, shelf.shop, order)
    await _reverse(desk, mistake)
    assert await availability(pool, shelf.shop, "MUG") == (5, 4)
    assert await holds_of(pool, fulfilment_id_of(older)) == []
    assert await holds_of(pool, fulfilment_id_of(younger)) == ["stock_lost"]
    assert await differences(pool) == []


async def test_goods_that_went_on_are_not_taken_back(pool: asyncpg.Pool) -> None:
    shelf, desk = await new_shelf(pool, "MUG"), await open_desk(pool)
    came = await _post(shelf, pool, "receipt", shelf.line("MUG", 5, "SUPPLIER", A))
    await _post(shelf, pool, "move", shelf.line("MUG", 3, A, B))
    with pytest.raises(Conflict) as refusal:
        await _reverse(desk, came)
    assert refusal.value.code == "not_enough_stock"
    assert await _held(pool, shelf) == {("MUG", A): 2, ("MUG", B): 3}
    assert await value(pool, "select count(*) from reversal where movement_id = $1", came) == 0


@pytest.mark.parametrize("kind", ["pick", "hand_over", "reversal", "expire"])
async def test_movements_with_papers_of_their_own_are_not_undone_so(
    pool: asyncpg.Pool, kind: str
) -> None:
    shelf, desk = await new_shelf(pool, "MUG"), await open_desk(pool)
    assert kind not in REVERSIBLE
    number = await _post(shelf, pool, kind, shelf.line("MUG", 5, "SUPPLIER", A))
    with pytest.raises(Refused) as refusal:
        await _reverse(desk, number)
    assert refusal.value.code == "not_reversible"
    with pytest.raises(NotFound):
        await _reverse(desk, number + 1_000_000)
    assert await _held(pool, shelf) == {("MUG", A): 5}

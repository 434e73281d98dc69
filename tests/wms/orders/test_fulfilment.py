"""A fulfilment order moves by its table of states, and in no other way."""

from itertools import product

import asyncpg
import pytest

from tests.builders import NOW, buy, fulfilment_id_of, rows, stocked_shop
from wms.database.pool import staff_transaction
from wms.error import Conflict, NotFound
from wms.orders import commands as orders
from wms.orders.fulfilment import CLOCK, MOVES, Event, State, after

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
    assert set(State) - left == {State.CLOSED, State.INCOMPLETE, State.CANCELLED}


def test_every_state_that_keeps_its_moment_can_be_reached() -> None:
    assert set(CLOCK) <= set(MOVES.values())


@pytest.mark.both_servers
async def test_the_database_lists_the_same_moves(pool: asyncpg.Pool) -> None:
    listed = await rows(pool, "select from_state, event, to_state from fulfilment_move")
    assert {(row["from_state"], row["event"]): row["to_state"] for row in listed} == MOVES


@pytest.mark.both_servers
async def test_the_database_refuses_a_move_that_is_not_listed(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=1)
    order = await buy(pool, shop, ("MUG", 1))
    reachable = {to for (state, _), to in MOVES.items() if state is State.OPEN}
    for state in set(State) - reachable - {State.OPEN}:
        with pytest.raises(asyncpg.CheckViolationError, match="does not go from open"):
            async with staff_transaction(pool) as connection:
                await connection.execute(
                    "update fulfilment_order set state = $2 where id = $1",
                    fulfilment_id_of(order),
                    state,
                )


@pytest.mark.both_servers
async def test_a_move_keeps_its_moment_and_is_told(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=1)
    fulfilment_order_id = fulfilment_id_of(await buy(pool, shop, ("MUG", 1)))
    async with staff_transaction(pool) as connection:
        state = await orders.apply_fulfilment_event(
            connection, fulfilment_order_id, Event.RELEASE, "test", NOW
        )
    assert state is State.RELEASED
    [row] = await rows(pool, "select * from fulfilment_order where id = $1", fulfilment_order_id)
    assert (row["state"], row["released_at"], row["version"]) == ("released", NOW, 2)
    told = await rows(
        pool, "select type from event where order_id = $1 order by seq", row["order_id"]
    )
    assert [event["type"] for event in told] == ["order.accepted", "order.released"]


async def test_a_refused_move_changes_nothing(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=1)
    fulfilment_order_id = fulfilment_id_of(await buy(pool, shop, ("MUG", 1)))
    with pytest.raises(Conflict, match="open cannot pack"):
        async with staff_transaction(pool) as connection:
            await orders.apply_fulfilment_event(
                connection, fulfilment_order_id, Event.PACK, "test", NOW
            )
    [row] = await rows(pool, "select * from fulfilment_order where id = $1", fulfilment_order_id)
    assert (row["state"], row["version"]) == ("open", 1)


async def test_what_does_not_exist_cannot_be_moved(pool: asyncpg.Pool) -> None:
    with pytest.raises(NotFound):
        async with staff_transaction(pool) as connection:
            await orders.apply_fulfilment_event(connection, 99, Event.PACK, "test", NOW)

"""Transfers: booked out where goods can be spared, announced and taken in where they are needed."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import NOW, differences, rows, value
from tests.wms.journey.replenish.season import (
    DAYS,
    leave,
    planner,
    run,
    second_warehouse,
    sell,
    seller,
)
from wms.bins.place import Place, PlaceKind
from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.journey import entry
from wms.journey.inbound.inbound import close_inbound
from wms.journey.inbound.receipt import take_receipt
from wms.journey.replenish.decision import Wish, approve_proposals
from wms.journey.replenish.transfer import cancel_transfer, send_transfer
from wms.receiving.inbound import ArrivedLine

WEEKS = (4, 6, 5, 5, 7, 4, 5) * (DAYS // 7)


async def requested(house: asyncpg.Pool, here: int = 0, there: int = 20) -> int:
    """A transfer of all that the second warehouse has; its number."""
    shop = await seller(house, "MUG")
    await sell(house, shop, "MUG", *WEEKS)
    await second_warehouse(house, shop, MUG=there)
    await leave(house, shop, "MUG", here)
    async with staff_transaction(house) as connection:
        await entry.enter_places(connection, "MAIN", [Place("DOCK-IN", PlaceKind.RECEIVING)])
    await run(house)
    proposal_id = await value(
        house, "select id from replenishment_proposal where kind = 'transfer'"
    )
    assert isinstance(proposal_id, int)
    await approve_proposals(house, await planner(house, "approve"), [Wish(proposal_id)], NOW)
    transfer_id = await value(house, "select id from transfer where state = 'requested'")
    assert isinstance(transfer_id, int)
    return transfer_id


async def stands(house: asyncpg.Pool) -> dict[str, tuple[int, int]]:
    """What may be sold in each warehouse, and what is on its way there."""
    found = await rows(
        house,
        "select w.code, a.sellable, a.inbound from availability a "
        "join warehouse w on w.id = a.warehouse_id",
    )
    return {row["code"]: (row["sellable"], row["inbound"]) for row in found}


async def test_a_transfer_that_is_asked_for_is_not_proposed_again(house: asyncpg.Pool) -> None:
    await requested(house)
    await run(house)
    transfers = "select count(*) from replenishment_proposal where kind = 'transfer'"
    assert await value(house, transfers) == 1
    assert await value(house, "select quantity from transfer_line") == 20


async def test_goods_leave_one_warehouse_and_come_to_the_other(house: asyncpg.Pool) -> None:
    transfer_id = await requested(house)
    answer = await send_transfer(house, await planner(house, "send"), transfer_id, None, 2, NOW)
    assert answer.body["state"] == "sent"
    assert await stands(house) == {"MAIN": (0, 20), "NORTH": (0, 0)}
    assert not await differences(house)
    inbound_id = answer.body["inbound_id"]
    assert isinstance(inbound_id, int)
    arrived = (ArrivedLine("MUG", 20),)
    await take_receipt(house, await planner(house, "take"), inbound_id, arrived, NOW)
    await close_inbound(house, await planner(house, "close"), inbound_id, NOW)
    assert await stands(house) == {"MAIN": (20, 0), "NORTH": (0, 0)}
    assert await value(house, "select state from transfer") == "received"
    # All that was in transit has come out of it.
    assert await _in_transit(house) == 0
    assert not await differences(house)


async def _in_transit(house: asyncpg.Pool) -> object:
    return await value(
        house,
        "select coalesce(sum(case when t.kind = 'transit' then l.quantity else -l.quantity end), "
        "0)::int from movement_line l join place f on f.id = l.from_place_id "
        "join place t on t.id = l.to_place_id where 'transit' in (f.kind, t.kind)",
    )


async def test_what_is_lost_on_the_way_leaves_the_books(house: asyncpg.Pool) -> None:
    transfer_id = await requested(house)
    answer = await send_transfer(house, await planner(house, "send"), transfer_id, None, 2, NOW)
    inbound_id = answer.body["inbound_id"]
    assert isinstance(inbound_id, int)
    arrived = (ArrivedLine("MUG", 17),)
    await take_receipt(house, await planner(house, "take"), inbound_id, arrived, NOW)
    await close_inbound(house, await planner(house, "close"), inbound_id, NOW)
    assert await value(house, "select state from transfer") == "closed"
    assert await stands(house) == {"MAIN": (17, 0), "NORTH": (0, 0)}
    assert await _in_transit(house) == 0
    assert not await differences(house)


async def test_more_than_was_sent_does_not_come(house: asyncpg.Pool) -> None:
    transfer_id = await requested(house)
    answer = await send_transfer(house, await planner(house, "send"), transfer_id, None, 2, NOW)
    inbound_id = answer.body["inbound_id"]
    assert isinstance(inbound_id, int)
    with pytest.raises(Refused, match="at most 20 more"):
        await take_receipt(
            house, await planner(house, "take"), inbound_id, (ArrivedLine("MUG", 23),), NOW
        )
    assert await stands(house) == {"MAIN": (0, 20), "NORTH": (0, 0)}


async def test_what_is_gone_by_now_is_not_sent(house: asyncpg.Pool) -> None:
    transfer_id = await requested(house)
    async with staff_transaction(house) as connection:
        await connection.execute("update balance set reserved = 5 where on_hand = 20")
    with pytest.raises(Conflict, match="Only 15 of the 20 MUG are free in NORTH"):
        await send_transfer(house, await planner(house, "send"), transfer_id, None, 2, NOW)
    assert await value(house, "select state from transfer") == "requested"
    await cancel_transfer(house, await planner(house, "cancel"), transfer_id, NOW)
    with pytest.raises(Conflict, match="cancelled"):
        await send_transfer(house, await planner(house, "late"), transfer_id, None, 2, NOW)
    assert await value(house, "select count(*) from inbound_shipment") == 0


async def test_what_orders_were_promised_meanwhile_is_not_sent(house: asyncpg.Pool) -> None:
    transfer_id = await requested(house)
    async with staff_transaction(house) as connection:
        await connection.execute("update availability set promised = 3 where sellable = 20")
    with pytest.raises(Conflict, match=r"Only 17 of the 20 MUG are free in NORTH.+next run"):
        await send_transfer(house, await planner(house, "send"), transfer_id, None, 2, NOW)
    assert await value(house, "select state from transfer") == "requested"
    assert await stands(house) == {"MAIN": (0, 0), "NORTH": (20, 0)}
    assert await value(house, "select count(*) from inbound_shipment") == 0


async def test_what_can_be_sent_no_more_is_not_counted_as_coming(house: asyncpg.Pool) -> None:
    await requested(house)
    coming = "select coming from replenishment_proposal where state = 'proposed'"
    await run(house)
    assert await value(house, coming) == 20
    async with staff_transaction(house) as connection:
        await connection.execute("update availability set promised = 12 where sellable = 20")
    await run(house, now=NOW + timedelta(hours=1))
    assert await value(house, coming) == 8


async def test_two_who_send_a_transfer_at_once_send_it_once(house: asyncpg.Pool) -> None:
    transfer_id = await requested(house)
    asked = [await planner(house, key) for key in ("one", "two", "three")]
    answers = await asyncio.gather(
        *(send_transfer(house, each, transfer_id, None, 2, NOW) for each in asked),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in answers) == [False, True, True]
    assert await stands(house) == {"MAIN": (0, 20), "NORTH": (0, 0)}
    assert await value(house, "select count(*) from inbound_shipment") == 1
    assert not await differences(house)


async def test_an_order_may_be_promised_what_is_on_its_way(house: asyncpg.Pool) -> None:
    transfer_id = await requested(house)
    await send_transfer(house, await planner(house, "send"), transfer_id, None, 2, NOW)
    owner = await value(house, "select count(*) from supply where quantity = 20")
    assert owner == 1

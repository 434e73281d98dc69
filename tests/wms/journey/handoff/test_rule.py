"""What happened asks for a human by itself, once for each cause, and none is skipped."""

import asyncio
from datetime import datetime, timedelta

import asyncpg

from tests.builders import (
    NOW,
    add_shop,
    buy,
    firm_order,
    fulfilment_id_of,
    order_id_of,
    pay,
    planner,
    rows,
    settle,
    stocked_shop,
    value,
)
from wms.database.pool import staff_transaction
from wms.handoff.rule import GENERATOR
from wms.journey.handoff import rule
from wms.journey.order.balance import advise_refund
from wms.journey.order.hold import lift_hold
from wms.journey.order.watch import tell_overdue_holds, warn_of_promises
from wms.orders import commands as orders
from wms.outbox import commands as outbox

WAIT = timedelta(days=2)
DAY = timedelta(days=1)


async def follow_rules(house: asyncpg.Pool, wait: timedelta, now: datetime) -> int:
    """The tickets made of all that happened, whoever else keeps the server busy."""
    await settle(house)
    return await rule.follow_rules(house, wait, now)


async def tickets(house: asyncpg.Pool) -> list[tuple[str, str]]:
    found = await rows(house, "select kind, state from handoff order by id")
    return [(row["kind"], row["state"]) for row in found]


async def hold(house: asyncpg.Pool, fulfilment_order_id: int, kind: str) -> int:
    async with staff_transaction(house) as connection:
        return await orders.hold_and_tell(
            connection, fulfilment_order_id, kind, "It is <odd>.", "test", NOW
        )


async def test_a_hold_that_nobody_lifted_is_one_ticket_however_often_it_is_looked_at(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    held = await firm_order(house, shop, ("MUG", 1))
    number = await hold(house, held, "no_carton")
    assert await follow_rules(house, WAIT, NOW) == 0
    await tell_overdue_holds(house, NOW + DAY)
    both = await asyncio.gather(*(follow_rules(house, WAIT, NOW + DAY) for _ in range(2)))
    assert sum(both) == 1
    assert await follow_rules(house, WAIT, NOW + DAY) == 0
    # Even where its event comes once more, the cause is the same.
    await rows(house, "update handoff_cursor set after_xid = 0, after_seq = 0 returning 1")
    assert await follow_rules(house, WAIT, NOW + DAY) == 0
    assert await value(house, "select cause from handoff") == f"hold/{number}"
    said = await rows(house, "select said, author from handoff_note")
    assert "It is <odd>." in said[0]["said"]["words"] and said[0]["author"] == "rule"


async def test_a_ticket_that_settled_itself_is_closed_before_anybody_looks(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    held = await firm_order(house, shop, ("MUG", 1))
    number = await hold(house, held, "no_carton")
    await tell_overdue_holds(house, NOW + DAY)
    await follow_rules(house, WAIT, NOW + DAY)
    order_id = await value(house, "select order_id from fulfilment_order where id = $1", held)
    assert isinstance(order_id, int)
    await lift_hold(house, order_id, number, planner(), NOW + DAY)
    await follow_rules(house, WAIT, NOW + DAY)
    assert await tickets(house) == [("hold_overdue", "closed")]
    told = await rows(house, "select 1 from event where type = 'handoff.closed'")
    assert len(told) == 1


async def test_a_promise_at_risk_is_an_urgent_ticket(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    later = NOW + timedelta(minutes=4)
    await warn_of_promises(house, timedelta(minutes=5), timedelta(minutes=3), later)
    assert await follow_rules(house, WAIT, later) == 1
    assert await value(house, "select urgency from handoff") == "urgent"


async def test_a_generator_that_makes_no_code_is_a_ticket_at_once(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await hold(house, fulfilment_id_of(order), GENERATOR)
    await follow_rules(house, WAIT, NOW)
    await tell_overdue_holds(house, NOW + 9 * DAY)
    await follow_rules(house, WAIT, NOW + 9 * DAY)
    assert await tickets(house) == [("generator", "open")]


async def test_a_mail_that_came_back_is_a_ticket(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = order_id_of(await buy(house, shop, ("MUG", 1)))
    async with staff_transaction(house) as connection:
        data: dict[str, object] = {
            "order_id": order,
            "notice_id": 8,
            "kind": "shipped",
            "reason": "550 no such <user>",
        }
        for _ in range(2):
            await outbox.emit(
                connection,
                shop.tenant_id,
                "notice.bounced",
                f"order/{order}",
                order,
                data,
                "mail",
                NOW,
            )
    assert await follow_rules(house, WAIT, NOW) == 1


async def test_a_refund_is_a_ticket_only_where_nobody_repaid_in_time(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    repaid, owed = [await buy(house, shop, ("MUG", 1)) for _ in range(2)]
    for order in (repaid, owed):
        await pay(house, shop, order)
        async with staff_transaction(house) as connection:
            row = await orders.order_for_update(connection, shop.tenant_id, order_id_of(order))
            assert row is not None
            await advise_refund(connection, row, "test", "test", NOW)
    assert await follow_rules(house, WAIT, NOW) == 0
    await rows(house, "update shop_order set balance_minor = 0 where id = $1 returning 1",
               order_id_of(repaid))  # fmt: skip
    assert await follow_rules(house, WAIT, NOW + WAIT) == 1
    assert await value(house, "select order_id from handoff") == order_id_of(owed)
    assert await follow_rules(house, WAIT, NOW + 2 * WAIT) == 0


async def test_an_event_that_commits_behind_a_newer_one_is_not_skipped(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    first = order_id_of(await buy(house, shop, ("MUG", 1)))
    second = order_id_of(await buy(house, shop, ("MUG", 1)))

    async def bounce(connection: asyncpg.Connection, order: int) -> None:
        data: dict[str, object] = {"order_id": order, "notice_id": order, "kind": "x"}
        await outbox.emit(
            connection, shop.tenant_id, "notice.bounced", f"order/{order}", order, data, "m", NOW
        )

    async with staff_transaction(house) as slow:
        await bounce(slow, first)
        async with staff_transaction(house) as quick:
            await bounce(quick, second)
        await rule.follow_rules(house, WAIT, NOW)
    await follow_rules(house, WAIT, NOW)
    found = await rows(house, "select order_id from handoff order by order_id")
    assert [row["order_id"] for row in found] == [first, second]


async def test_a_new_shop_s_first_event_counts_too(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)
    async with staff_transaction(house) as connection:
        await outbox.emit(connection, shop.tenant_id, "item.changed", "item/1", None, {}, "x", NOW)
    assert await follow_rules(house, WAIT, NOW) == 0
    cursor = "select after_xid > 0 from handoff_cursor where tenant_id = $1"
    assert await value(house, cursor, shop.tenant_id)


async def test_what_is_on_no_floor_bothers_nobody(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await hold(house, fulfilment_id_of(order), GENERATOR)
    await rows(house, "update shop_order set sandbox = true returning 1")
    assert await follow_rules(house, WAIT, NOW) == 0

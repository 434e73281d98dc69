"""Steps that take too long are told once to whoever is responsible, and once more to the next."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from tests.builders import (
    NOW,
    buy,
    firm_order,
    fulfilment_id_of,
    pay,
    planned_wave,
    planner,
    rows,
    stocked_shop,
    value,
)
from wms.database.pool import staff_transaction
from wms.handoff.sop import Rule, Step
from wms.handoff.ticket import NewTicket, Urgency
from wms.journey.handoff import ask
from wms.journey.handoff.sop import Watched, limits, set_limit, watch_steps
from wms.journey.order.hold import lift_hold
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.orders import commands as orders
from wms.tenants.staff import Role

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOTHING = Watched(0, 0, 0)


async def overdue(house: asyncpg.Pool) -> list[tuple[str, str, int]]:
    found = await rows(
        house,
        "select step, role, level from step_escalation where resolved_at is null order by id",
    )
    return [(row["step"], row["role"], row["level"]) for row in found]


async def told(house: asyncpg.Pool, word: str) -> list[dict[str, Any]]:
    found = await rows(house, "select data from event where type = $1 order by seq", word)
    return [row["data"] for row in found]


async def test_every_step_has_a_limit_and_every_limit_its_step(house: asyncpg.Pool) -> None:
    found = await limits(house)
    assert {row["step"] for row in found} == set(Step)
    assert {row["kind"] for row in found if row["step"] == Step.TICKET} == set(Urgency)


async def test_a_waybill_that_takes_too_long_is_told_once_raised_once_and_resolved(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    assert await watch_steps(house, NOW + 4 * MINUTE) == NOTHING
    assert await watch_steps(house, NOW + 5 * MINUTE) == Watched(1, 0, 0)
    assert await watch_steps(house, NOW + 6 * MINUTE) == NOTHING
    assert await overdue(house) == [("waybill", "planner", 1)]
    assert await watch_steps(house, NOW + 15 * MINUTE) == Watched(0, 1, 0)
    assert await watch_steps(house, NOW + 99 * MINUTE) == NOTHING
    assert await overdue(house) == [("waybill", "supervisor", 2)]
    await prepare_waybills(house, fulfilment_id_of(order), NOW)
    await rows(house, "update fulfilment_order set pickup_requested_at = $1 returning 1", NOW)
    done = await watch_steps(house, NOW + 30 * MINUTE)
    assert done.resolved == 1 and await overdue(house) == []
    events = await told(house, "step.overdue")
    assert [(one["step"], one["level"], one["role"]) for one in events] == [
        ("waybill", 1, "planner"),
        ("waybill", 2, "supervisor"),
    ]
    assert events[0]["object_id"] == fulfilment_id_of(order)
    assert len(await told(house, "step.resolved")) == 1


async def test_a_wave_that_comes_too_late_and_a_picker_who_does(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    number = await firm_order(house, shop, ("MUG", 1))
    await rows(house, "update fulfilment_order set pickup_requested_at = $1 returning 1", NOW)
    await watch_steps(house, NOW + HOUR)
    assert await overdue(house) == [("release", "planner", 1)]
    await planned_wave(house, number, release=True, now=NOW + HOUR)
    assert (await watch_steps(house, NOW + HOUR)).resolved == 1
    await watch_steps(house, NOW + 3 * HOUR + MINUTE)
    assert await overdue(house) == [("pick", "operator", 1)]


async def test_a_limit_that_is_moved_counts_at_once_for_what_was_told_already(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    await pay(house, shop, await buy(house, shop, ("MUG", 1)))
    boss = planner("Sue")

    async def moved(limit: timedelta) -> None:
        await set_limit(house, boss, Rule(Step.WAYBILL, "", Role.PLANNER, limit, HOUR), NOW)

    assert await watch_steps(house, NOW + 5 * MINUTE) == Watched(1, 0, 0)
    await moved(HOUR)
    assert await watch_steps(house, NOW + 6 * MINUTE) == Watched(0, 0, 1)
    assert await overdue(house) == []
    assert await watch_steps(house, NOW + 7 * MINUTE) == NOTHING
    assert await watch_steps(house, NOW + HOUR) == Watched(1, 0, 0)
    assert await watch_steps(house, NOW + HOUR + MINUTE) == NOTHING
    assert await overdue(house) == [("waybill", "planner", 1)]
    assert len(await told(house, "step.overdue")) == 2


async def test_a_hold_has_its_own_time_until_a_limit_is_set_for_its_kind(
    house: asyncpg.Pool,
) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    held = fulfilment_id_of(order)
    async with staff_transaction(house) as connection:
        number = await orders.hold_and_tell(
            connection, held, "suspicious", "Odd.", "test", NOW, lasts=HOUR
        )
        await connection.execute("update hold set made_at = $1", NOW)
    assert await watch_steps(house, NOW + 59 * MINUTE) == NOTHING
    boss = planner("Sue")
    await set_limit(
        house, boss, Rule(Step.HOLD, "suspicious", Role.PLANNER, 10 * MINUTE, HOUR), NOW
    )
    assert await watch_steps(house, NOW + 59 * MINUTE) == Watched(1, 0, 0)
    # Whose the hold is, the hold itself says.
    assert await overdue(house) == [("hold", "supervisor", 1)]
    order_id = await value(house, "select order_id from fulfilment_order where id = $1", held)
    assert isinstance(order_id, int)
    await rows(house, "update hold set owned_by = 'planner' returning 1")
    await lift_hold(house, order_id, number, boss, NOW + HOUR)
    assert (await watch_steps(house, NOW + HOUR)).resolved == 1


async def test_what_is_held_waits_for_its_hold_alone(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    order = await buy(house, shop, ("MUG", 1))
    await pay(house, shop, order)
    async with staff_transaction(house) as connection:
        await orders.hold_and_tell(
            connection, fulfilment_id_of(order), "no_carton", "x", "test", NOW, lasts=9 * HOUR
        )
    assert await watch_steps(house, NOW + 8 * HOUR) == NOTHING


async def test_a_ticket_that_nobody_answers_goes_to_the_next_role(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=5)
    new = NewTicket("question", Urgency.URGENT, "Where?")
    await ask.ask_human(house, Request(shop, "ask", "handoff", b"x"), new, NOW)
    assert await watch_steps(house, NOW + 14 * MINUTE) == NOTHING
    assert await watch_steps(house, NOW + 15 * MINUTE) == Watched(1, 0, 0)
    assert await watch_steps(house, NOW + 30 * MINUTE) == Watched(0, 1, 0)
    assert await value(house, "select role from handoff") == "supervisor"
    [event] = await told(house, "handoff.escalated")
    assert event["role"] == "supervisor"
    assert await overdue(house) == [("ticket", "supervisor", 2)]


async def test_goods_of_a_house_are_watched_too(house: asyncpg.Pool) -> None:
    await stocked_shop(house, MUG=5)
    await rows(
        house,
        "insert into count_task (warehouse_id, place_id, reason, asked_at) "
        "select w.id, p.id, 'test', $1 from warehouse w, place p where p.code = 'A-01-01-1' "
        "returning 1",
        NOW,
    )
    assert await watch_steps(house, NOW + 25 * HOUR) == Watched(1, 0, 0)
    assert await overdue(house) == [("count", "operator", 1)]
    # It is no tenant's matter, so no shop hears of it.
    assert await told(house, "step.overdue") == []


@pytest.mark.parametrize("many", [450])
async def test_a_flood_is_told_of_in_portions_and_all_of_it(house: asyncpg.Pool, many: int) -> None:
    shop = await stocked_shop(house)
    await rows(
        house,
        "insert into handoff (tenant_id, shop_id, asked_by, kind, urgency, asked_at, "
        "waiting_since) select $1, $2, 'shop', 'question', 'low', $3, $3 "
        "from generate_series(1, $4) returning 1",
        shop.tenant_id,
        shop.shop_id,
        NOW,
        many,
    )
    seen = [await watch_steps(house, NOW + 24 * HOUR) for _ in range(4)]
    assert [one.overdue for one in seen] == [200, 200, 50, 0]

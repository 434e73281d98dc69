"""Forgetting reaches what hangs on no order's row: vans' plans, and answers kept for repeats."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from tests.builders import NOW, add_shop, rows, value
from tests.wms.journey.route.yard import NORTH, open_yard
from wms.database.pool import shop_transaction, staff_transaction
from wms.database.seal import Personal
from wms.journey.buyer.erasure import erase_old
from wms.journey.request import Request, once
from wms.orders import person as persons
from wms.outbox.command import Answer
from wms.overview import queries as overview


async def test_a_van_s_plan_forgets_one_door_and_keeps_the_others(house: asyncpg.Pool) -> None:
    yard = await open_yard(house, "VAN-1")
    one, other = await yard.put_out(NORTH[0], NORTH[1])
    departure = await yard.departure()
    await yard.plan(departure)
    text = await value(house, "select plan::text from departure_plan")
    assert isinstance(text, str)
    assert "A. Buyer" not in text and "Leeds" not in text and str(NORTH[0][0]) not in text
    async with staff_transaction(house) as connection:
        tenant_id = await connection.fetchval("select tenant_id from shop_order where id = $1", one)
        await persons.forget(connection, tenant_id, [one], None, NOW)
    (row,) = await rows(house, "select plan from departure_plan")
    stops = {stop["order_id"]: stop["to"] for stop in row["plan"]["routes"][0]["stops"]}
    assert stops[one] == {"name": "erased", "city": "erased", "latitude": None, "longitude": None}
    assert stops[other]["name"] == "A. Buyer"
    async with staff_transaction(house) as connection:
        shown = await overview.departure(connection, departure)
    assert shown.plan is not None
    # Where nobody knows any more, the picture has the depot.
    places = {stop.order_id: (stop.latitude, stop.longitude) for stop in shown.plan.routes[0].stops}
    assert places[one] == shown.plan.depot and places[other] != shown.plan.depot


@pytest.mark.parametrize("more", [{}, {"id": 1, "order_id": None}])
async def test_an_answer_about_nobody_s_order_is_forgotten_after_a_week(
    house: asyncpg.Pool, more: dict[str, object]
) -> None:
    """That of a ticket without an order too, whose number some order has as well."""
    shop = await add_shop(house)
    request = Request(shop, "key", "address", b"hash")
    async with shop_transaction(house, shop.tenant_id) as connection:

        async def act() -> Answer:
            return Answer(200, more | {"normalised": Personal({"name": "Ada", "country": "GB"})})

        await once(connection, request, act)
    now = await value(house, "select now()")
    assert isinstance(now, datetime)
    async with staff_transaction(house) as connection:
        assert await persons.forget(connection, shop.tenant_id, [1], None, NOW) == 0
    year = timedelta(days=365)
    await erase_old(house, year, now + timedelta(days=6))
    (row,) = await rows(house, "select response from command")
    assert row["response"]["normalised"]["name"] == "Ada"
    await erase_old(house, year, now + timedelta(days=8))
    (row,) = await rows(house, "select response from command")
    assert row["response"]["normalised"] == {"name": "erased", "country": "GB"}

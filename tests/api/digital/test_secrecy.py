"""A code is its buyer's and its shop's: nobody else reads it, neither a screen nor the database."""

import random
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from api.console.order import draw_story
from api.console.overview import draw
from api.console.words import Scene
from api.dispatch.sender import open_sender
from api.settings import Settings
from api.wiring import House
from tests.api.digital.maker import asked, bought, seller_of
from tests.api.dispatch.post_office import post_office
from tests.api.dispatch.receiver import settle
from tests.api.service import Json, Seller, Service, bearer
from tests.builders import rows, value
from tests.builders import settle as all_ended
from tests.key import KEYSET
from wms.database.pool import staff_transaction
from wms.journey.buyer.trail import chain_news
from wms.overview import queries as overview
from wms.tenants.staff import Role

CODE = "SECRET-93TN-AA17"


async def sent_order(service: Service, house: House, *codes: str) -> tuple[Seller, Json]:
    """An order whose codes were given, to be mailed and told to a webhook that nobody answers."""
    seller = await seller_of(service, *(codes or (CODE,)))
    hook = {"url": "http://127.0.0.1:1/hook", "types": ["*"]}
    service.app.state.house = House(
        house.settings, service.pool, random.Random(1), KEYSET, service.app.state.house.keys
    )
    assert (await seller.post("/v1/webhook-endpoints", hook)).status_code == 201
    order = await bought(seller)
    assert await asked(service.pool, house, order) == []
    return seller, order


async def test_the_staff_read_of_a_code_that_it_was_sent_and_not_what_it_is(
    service: Service, house: House
) -> None:
    seller, order = await sent_order(service, house)
    ticket = (
        await seller.post("/v1/handoffs", {"order_id": order["id"], "words": "It does not work."})
    ).json()
    planner = bearer(await service.sign_in(Role.SUPERVISOR))
    async with staff_transaction(service.pool) as connection:
        story = await overview.order_story(connection, order["id"])
        first = await overview.overview(connection, house.now())
    scene = Scene(house.now(), ZoneInfo("UTC"))
    read = await service.client.get(f"/v1/handoffs/{ticket['id']}", headers=planner)
    assert read.status_code == 200
    await all_ended(service.pool)
    await chain_news(service.pool, house.now())
    log = await service.client.get("/v1/audit", params={"order": order["id"]}, headers=planner)
    assert log.status_code == 200 and "order.digital_delivered" in log.text
    pages = (draw_story(story, scene), read.text, draw(first, scene), log.text)
    assert all("GAME" in page for page in pages[:2])
    assert not any(CODE in page for page in pages)


async def test_a_code_is_told_in_its_event_and_nowhere_else(service: Service, house: House) -> None:
    seller, order = await sent_order(service, house)
    told = [one for one in await seller.news() if one["type"] == "order.digital_delivered"]
    assert [one["data"]["deliveries"][0]["content"] for one in told] == [{"code": CODE}]
    timeline = await seller.get(f"/v1/orders/{order['id']}")
    assert "order.digital_delivered" in timeline.text
    [endpoint] = (await seller.get("/v1/webhook-endpoints")).json()["items"]
    pages = [
        timeline.text,
        (await seller.get(f"/v1/orders/{order['id']}/notices")).text,
        (await seller.get(f"/v1/orders/{order['id']}/digital-deliveries")).text,
        (await seller.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries")).text,
        (await service.client.get("/metrics")).text,
    ]
    assert not any(CODE in page for page in pages)


async def test_a_code_stands_sealed_wherever_it_is_kept_and_in_no_log(
    service: Service, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    # The other tests' mails and webhooks are none of ours.
    async with staff_transaction(service.pool) as connection:
        await connection.execute("update outbox set dead_at = now() where done_at is null")
    _, order = await sent_order(service, house)
    async with post_office() as office:
        office.data = ["451 4.3.0 later"]
        settings = Settings(
            smtp_url=office.url, mail_from="post@house.example", webhook_private="yes"
        )
        mailing = House(settings, service.pool, random.Random(1), KEYSET)
        async with open_sender(mailing) as sender:
            await settle(sender)
    # What was tried in vain is laid aside with what it says.
    async with staff_transaction(service.pool) as connection:
        await connection.execute("update outbox set dead_at = now() where done_at is null")
    await all_ended(service.pool)
    await chain_news(service.pool, house.now())
    assert await value(
        service.pool, "select count(*) from notice where order_id = $1", order["id"]
    ) == 1  # fmt: skip
    assert await tables_with(service.pool, CODE) == []
    assert "message_not_sent" in caplog.text
    assert CODE not in caplog.text


async def tables_with(pool: asyncpg.Pool, text: str) -> list[str]:
    """Every table of which a row holds a text as it is."""
    tables = await rows(
        pool,
        "select c.oid::regclass::text as name from pg_class c where c.relkind in ('r', 'p') "
        "and not c.relispartition and c.relnamespace = 'public'::regnamespace",
    )
    return [
        table["name"]
        for table in tables
        if await value(
            pool, f"select count(*) from {table['name']} t where strpos(t::text, $1) > 0", text
        )
    ]

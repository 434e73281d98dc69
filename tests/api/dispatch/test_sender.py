"""What must leave the house leaves it: signed, in order, again and again until it is taken."""

import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import aiohttp
import asyncpg
import pytest
from standardwebhooks import WebhookVerificationError

from api.dispatch.sender import Sender
from api.settings import Settings
from api.wiring import House
from tests import builders
from tests.api.dispatch.receiver import Receiver, listening, send_until
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.order.waybill import prepare_waybills
from wms.outbox import commands as outbox
from wms.outbox.commands import ATTEMPTS_MAX
from wms.tenants.shop import Shop

_numbers = count(1)


@pytest.fixture
async def sender(pool: asyncpg.Pool) -> AsyncIterator[Sender]:
    """A sender with nothing left to send from the tests before."""
    await builders.enter_house(pool)
    async with staff_transaction(pool) as connection:
        await connection.execute("update outbox set dead_at = now() where done_at is null")
    house = House(Settings(), pool, random.Random(1))
    async with aiohttp.ClientSession() as client, Sender(house, client) as sender:
        yield sender


async def endpoint(pool: asyncpg.Pool, shop: Shop, url: str) -> str:
    """Enters an endpoint that hears everything; its secret."""
    async with staff_transaction(pool) as connection:
        _, secret = await outbox.add_endpoint(connection, shop.tenant_id, shop.shop_id, url, ["*"])
    return secret


async def tell(pool: asyncpg.Pool, shop: Shop, subject: str, *names: str) -> None:
    """Events about a subject, one after the other."""
    async with staff_transaction(pool) as connection:
        for name in names:
            await outbox.emit(
                connection, shop.tenant_id, name, subject, None, {"n": 1}, "test", builders.NOW
            )


def heard(receiver: Receiver, number: int) -> Callable[[], Awaitable[bool]]:
    """Whether that many requests came in."""

    async def condition() -> bool:
        return len(receiver.heard) >= number

    return condition


def names(receiver: Receiver) -> list[str]:
    return [one.data["type"] for one in receiver.heard]


async def waiting(pool: asyncpg.Pool) -> asyncpg.Record:
    (row,) = await builders.rows(
        pool,
        "select attempts, last_error, dead_at, due_at, done_at from outbox "
        "where done_at is null and dead_at is null or attempts >= 30",
    )
    return row


async def test_a_webhook_is_signed_with_its_endpoint_s_secret(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    shop = await builders.stocked_shop(pool, CUP=5)
    async with listening() as receiver:
        secret = await endpoint(pool, shop, f"{receiver.url}/hook")
        order = await builders.buy(pool, shop, ("CUP", 2), number="536365")
        await send_until(sender, heard(receiver, 1))
    (one,) = receiver.heard
    assert one.path == "/hook"
    assert one.headers["content-type"] == "application/json"
    assert one.verified(secret) == one.data
    assert one.data["type"] == "order.accepted"
    assert one.data["timestamp"].startswith("2010-12-01T08:26:00")
    assert one.data["data"] == {
        "order_id": builders.order_id_of(order),
        "external_order_id": "536365",
    }
    with pytest.raises(WebhookVerificationError):
        one.verified("whsec_" + "A" * 32)


async def test_it_comes_again_under_the_same_id_until_it_is_taken(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    async with listening() as receiver:
        receiver.answers = [503, 302]
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "order.accepted")
        await send_until(sender, heard(receiver, 3))
        await send_until(sender, lambda: _wait(pool, 0))
    assert len({one.headers["webhook-id"] for one in receiver.heard}) == 1
    first, second, third = (one.at_s for one in receiver.heard)
    assert second - first >= 0.4
    assert third - second >= 0.9


async def _wait(pool: asyncpg.Pool, messages: int) -> bool:
    found = "select count(*) from outbox where done_at is null and dead_at is null"
    return await builders.value(pool, found) == messages


async def test_it_comes_when_a_refused_connection_opens(pool: asyncpg.Pool, sender: Sender) -> None:
    shop = await builders.add_shop(pool)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    await endpoint(pool, shop, f"http://127.0.0.1:{port}")
    await tell(pool, shop, "order/1", "order.accepted")

    async def refused() -> bool:
        return "Connect" in ((await waiting(pool))["last_error"] or "")

    await send_until(sender, refused)
    async with listening(port) as receiver:
        await send_until(sender, heard(receiver, 1))
    assert names(receiver) == ["order.accepted"]


async def test_one_object_s_messages_keep_their_order_and_hold_up_no_other(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    async with listening() as receiver:
        receiver.answers = [503]
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "one.a", "one.b", "one.c")
        assert await sender.take_due() == 1
        await tell(pool, shop, "order/2", "two.a", "two.b")
        await send_until(sender, heard(receiver, 6))
    told = names(receiver)
    assert told[0] == "one.a"
    assert [name for name in told if name.startswith("one")][-3:] == ["one.a", "one.b", "one.c"]
    assert told.index("two.b") < told.index("one.b")


async def test_an_endpoint_that_hangs_delays_nobody_else(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    slow, quick = await builders.add_shop(pool), await builders.add_shop(pool)
    async with listening(hangs=True) as hanging, listening() as receiver:
        await endpoint(pool, slow, hanging.url)
        await endpoint(pool, quick, receiver.url)
        for number in range(60):
            await tell(pool, slow, f"order/{number}", "order.accepted")
        await tell(pool, quick, "order/900", *(f"order.{letter}" for letter in "abcdef"))
        await send_until(sender, heard(receiver, 6))
        assert names(receiver) == [f"order.{letter}" for letter in "abcdef"]
        assert 0 < len(hanging.heard) < 60
        await send_until(sender, lambda: _wait(pool, 60))


@pytest.mark.parametrize("url", ["http://a..b/", "http://127.0.0.1:99999/", "http://[::1/", "x"])
async def test_an_address_that_nobody_can_call_is_only_its_own_trouble(
    pool: asyncpg.Pool, sender: Sender, url: str
) -> None:
    shop = await builders.add_shop(pool)
    await endpoint(pool, shop, "http://127.0.0.1:1/")
    async with staff_transaction(pool) as connection:
        await connection.execute(
            "update webhook_endpoint set url = $2 where shop_id = $1", shop.shop_id, url
        )
    await tell(pool, shop, "order/1", "order.accepted")

    async def failed() -> bool:
        return (await waiting(pool))["last_error"] is not None

    await send_until(sender, failed)


async def test_after_its_last_attempt_a_message_is_laid_aside(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    async with listening() as receiver:
        receiver.answers = [500, 200]
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "first", "second")
        async with staff_transaction(pool) as connection:
            await connection.execute(
                "update outbox set attempts = $1 where dead_at is null and done_at is null "
                "and payload ->> 'type' = 'first'",
                ATTEMPTS_MAX - 1,
            )
        await send_until(sender, heard(receiver, 2))
    assert names(receiver) == ["first", "second"]
    dead = "select count(*) from outbox where attempts = 30 and dead_at is not null"
    assert await builders.value(pool, dead) == 1


async def test_pickup_is_requested_when_the_carrier_knows_of_every_parcel(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    shop = await builders.stocked_shop(pool)
    await builders.add_items(pool, shop, builders.an_item("CRATE", edge_mm=250))
    await builders.add_stock(pool, shop, "CRATE", bin0=2)
    async with listening() as carrier:
        carrier.answers = [201, 503, 201]
        async with staff_transaction(pool) as connection:
            await entry.enter_carrier(connection, "SIMEX", "Simex", carrier.url, "secret")
        order = await builders.buy(pool, shop, ("CRATE", 2))
        await builders.pay(pool, shop, order)
        fulfilment_id = builders.fulfilment_id_of(order)
        assert await prepare_waybills(pool, fulfilment_id, builders.NOW)
        clock = f"select pickup_requested_at from fulfilment_order where id = {fulfilment_id}"

        async def one_refused() -> bool:
            found = "select count(*) from outbox where topic = 'carrier' and last_error is not null"
            return bool(await builders.value(pool, found))

        await send_until(sender, one_refused)
        assert await builders.value(pool, clock) is None
        await send_until(sender, heard(carrier, 3))
        await send_until(sender, lambda: _wait(pool, 0))
        assert await builders.value(pool, clock) is not None
    assert {one.path for one in carrier.heard} == {"/pickups"}
    assert {one.headers["authorization"] for one in carrier.heard} == {"Bearer secret"}
    assert len({one.headers["idempotency-key"] for one in carrier.heard}) == 2
    for one in carrier.heard:
        assert one.data["waybill"].keys() >= {"sscc", "tracking_number", "routing_code", "service"}
        assert one.data["ship_to"]["country"] == "GB"
        assert one.data["mass_g"] > 0

"""What must leave the house leaves it: signed, in order, again and again until it is taken."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import aiohttp
import asyncpg
import pytest
from standardwebhooks import WebhookVerificationError

from api.dispatch import webhook
from api.dispatch.sender import AT_ONCE, SHARE, Sender, open_sender
from api.settings import Settings
from tests import builders
from tests.api.dispatch.receiver import ClockHouse, Receiver, listening, send_until, settle
from tests.key import KEYSET
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.order.waybill import prepare_waybills
from wms.outbox import commands as outbox
from wms.outbox import endpoint_commands as endpoints
from wms.outbox.schedule import WEBHOOK_WAITS
from wms.tenants.shop import Shop

_numbers = count(1)


@pytest.fixture
def house(pool: asyncpg.Pool) -> ClockHouse:
    """A house whose webhooks may go to this machine, with a clock of the test's own."""
    return ClockHouse(Settings(webhook_private="yes"), pool, random.Random(1), KEYSET)


@pytest.fixture
async def sender(house: ClockHouse) -> AsyncIterator[Sender]:
    """A sender with nothing left to send from the tests before."""
    await builders.enter_house(house.pool)
    async with staff_transaction(house.pool) as connection:
        await connection.execute("update outbox set dead_at = now() where done_at is null")
    async with open_sender(house) as sender:
        yield sender


async def endpoint(pool: asyncpg.Pool, shop: Shop, url: str) -> str:
    """Enters an endpoint that hears everything; its secret."""
    async with staff_transaction(pool) as connection:
        _, secret = await endpoints.add_endpoint(
            connection, shop.tenant_id, shop.shop_id, url, ["*"]
        )
    return secret


async def tell(pool: asyncpg.Pool, shop: Shop, subject: str, *names: str) -> None:
    """Events about a subject, one after the other."""
    async with staff_transaction(pool) as connection:
        for name in names:
            await outbox.emit(
                connection, shop.tenant_id, name, subject, None, {"n": 1}, "test", builders.NOW
            )


async def tell_each(pool: asyncpg.Pool, shop: Shop, subjects: list[str]) -> None:
    """One event about each of these subjects."""
    async with staff_transaction(pool) as connection:
        for subject in subjects:
            await outbox.emit(
                connection, shop.tenant_id, "order.accepted", subject, None, {"n": 1}, "test",
                builders.NOW,
            )  # fmt: skip


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
        "where done_at is null and dead_at is null",
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
    order_id = builders.order_id_of(order)
    assert one.data["data"]["order_id"] == order_id
    assert one.data["data"]["external_order_id"] == "536365"
    assert (one.data["subject"], one.data["sequence"]) == (f"order/{order_id}", 1)
    with pytest.raises(WebhookVerificationError):
        one.verified("whsec_" + "A" * 32)


async def test_it_comes_again_under_the_same_id_until_it_is_taken(
    pool: asyncpg.Pool, house: ClockHouse, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    house.stop_clock()
    async with listening() as receiver:
        receiver.answers = [503, 302]
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "order.accepted")
        await settle(sender)
        house.pass_time(seconds=4)
        await settle(sender)
        assert len(receiver.heard) == 1
        house.pass_time(seconds=2)
        await settle(sender)
        assert len(receiver.heard) == 2
        house.pass_time(minutes=4)
        await settle(sender)
        assert len(receiver.heard) == 2
        house.pass_time(minutes=2)
        await settle(sender)
    assert len(receiver.heard) == 3
    assert len({one.headers["webhook-id"] for one in receiver.heard}) == 1
    assert await _wait(pool, 0)


async def _wait(pool: asyncpg.Pool, messages: int) -> bool:
    found = "select count(*) from outbox where done_at is null and dead_at is null"
    return await builders.value(pool, found) == messages


async def test_it_comes_when_a_refused_connection_opens(
    pool: asyncpg.Pool, house: ClockHouse, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    port = own_port()
    await endpoint(pool, shop, f"http://127.0.0.1:{port}")
    await tell(pool, shop, "order/1", "order.accepted")

    async def refused() -> bool:
        return "Connect" in ((await waiting(pool))["last_error"] or "")

    await send_until(sender, refused)
    house.pass_time(seconds=6)
    async with listening(port) as receiver:
        await send_until(sender, heard(receiver, 1))
    assert names(receiver) == ["order.accepted"]


async def test_one_object_s_messages_keep_their_order_and_hold_up_no_other(
    pool: asyncpg.Pool, house: ClockHouse, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    house.stop_clock()
    async with listening() as receiver:
        receiver.answers = [503]
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "one.a", "one.b", "one.c")
        await settle(sender)
        await tell(pool, shop, "order/2", "two.a", "two.b")
        await settle(sender)
        assert names(receiver) == ["one.a", "two.a", "two.b"]
        house.pass_time(seconds=6)
        await settle(sender)
    assert names(receiver)[3:] == ["one.a", "one.b", "one.c"]
    assert [one.data["sequence"] for one in receiver.heard] == [1, 1, 2, 1, 2, 3]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hangs is waited for until the test is over."""
    monkeypatch.setattr(webhook, "TIMEOUT", aiohttp.ClientTimeout(total=10 * PATIENCE_S))


@pytest.mark.usefixtures("patient")
async def test_an_endpoint_that_hangs_delays_nobody_else(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    slow, quick = await builders.add_shop(pool), await builders.add_shop(pool)
    async with listening(hangs=True) as hanging, listening() as receiver:
        await endpoint(pool, slow, hanging.url)
        await endpoint(pool, quick, receiver.url)
        for number in range(500):
            await tell(pool, slow, f"order/{number}", "order.accepted")
        await tell(pool, quick, "order/900", *(f"order.{letter}" for letter in "abcdef"))
        await send_until(sender, heard(receiver, 6))
        assert names(receiver) == [f"order.{letter}" for letter in "abcdef"]
        assert 0 < len(hanging.heard) <= SHARE
        await send_until(sender, lambda: _wait(pool, 500))


@pytest.mark.usefixtures("patient")
async def test_however_many_endpoints_hang_the_well_one_is_told(
    pool: asyncpg.Pool, sender: Sender
) -> None:
    well = await builders.add_shop(pool)
    async with listening(hangs=True) as hanging, listening() as receiver:
        for number in range(12):
            shop = await builders.add_shop(pool)
            await endpoint(pool, shop, hanging.url)
            await tell_each(pool, shop, [f"order/{number}-{one}" for one in range(80)])
        await endpoint(pool, well, receiver.url)
        await tell_each(pool, well, [f"order/{number}" for number in range(30)])
        await send_until(sender, heard(receiver, 30))
        # All that hang have left room, and nothing had to end before the other was told.
        assert 0 < len(hanging.heard) < AT_ONCE
        await send_until(sender, lambda: _wait(pool, 12 * 80))


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
    pool: asyncpg.Pool, house: ClockHouse, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    async with listening() as receiver:
        receiver.status = 500
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "first", "second")
        for wait in WEBHOOK_WAITS:
            await settle(sender)
            house.pass_time(seconds=1.1 * wait.total_seconds())
        assert names(receiver) == ["first"] * len(WEBHOOK_WAITS)
        receiver.answers = [500, 200]
        await settle(sender)
    assert names(receiver)[len(WEBHOOK_WAITS) :] == ["first", "second"]
    dead = "select count(*) from outbox where attempts = 10 and dead_at is not null"
    assert await builders.value(pool, dead) == 1


async def test_who_is_overloaded_says_when_to_come_again(
    pool: asyncpg.Pool, house: ClockHouse, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    house.stop_clock()
    async with listening() as receiver:
        receiver.answers, receiver.sends = [503], {"Retry-After": "600"}
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "order.accepted")
        await settle(sender)
        house.pass_time(minutes=9)
        await settle(sender)
        assert len(receiver.heard) == 1
        house.pass_time(minutes=2)
        await settle(sender)
        assert len(receiver.heard) == 2


async def test_a_redirect_is_followed_by_nobody(pool: asyncpg.Pool, sender: Sender) -> None:
    shop = await builders.add_shop(pool)
    async with listening() as elsewhere, listening() as receiver:
        receiver.status, receiver.sends = 302, {"Location": elsewhere.url}
        await endpoint(pool, shop, receiver.url)
        await tell(pool, shop, "order/1", "order.accepted")
        await settle(sender)
    assert len(receiver.heard) == 1
    assert elsewhere.heard == []
    assert (await waiting(pool))["last_error"] == "HTTP 302"


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

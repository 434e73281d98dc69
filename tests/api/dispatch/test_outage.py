"""A receiver is down for an hour, then slow, then gone: nobody else notices, nothing is lost."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from api.dispatch.sender import Sender, open_sender
from api.settings import Settings
from tests import builders
from tests.api.dispatch.receiver import ClockHouse, Receiver, listening, settle
from tests.key import KEYSET
from tests.port import own_port
from wms.database.pool import staff_transaction
from wms.journey.request import Request
from wms.journey.shop import endpoint as endpoints
from wms.outbox import commands as outbox
from wms.outbox import queries as outbox_rows
from wms.outbox.command import body_hash
from wms.outbox.endpoint_commands import Change
from wms.tenants.shop import Shop

ORDERS = tuple(f"order/{number}" for number in range(1, 6))


@pytest.fixture
def house(pool: asyncpg.Pool) -> ClockHouse:
    """A house whose webhooks may go to this machine, with a clock of the test's own."""
    return ClockHouse(Settings(webhook_private="yes"), pool, random.Random(1), KEYSET)


@pytest.fixture
async def sender(house: ClockHouse) -> AsyncIterator[Sender]:
    async with open_sender(house) as sender:
        yield sender


async def entered(pool: asyncpg.Pool, shop: Shop, url: str) -> int:
    """An endpoint of a shop that hears everything; its number."""
    request = Request(shop, url, "endpoint", body_hash(url))
    answer = await endpoints.add_endpoint(pool, request, url, ["*"])
    endpoint_id = answer.body["id"]
    assert isinstance(endpoint_id, int)
    return endpoint_id


async def tell(house: ClockHouse, *shops: Shop) -> None:
    """Something happens to every order of these shops."""
    async with staff_transaction(house.pool) as connection:
        for shop in shops:
            for subject in ORDERS:
                await outbox.emit(
                    connection, shop.tenant_id, "a", subject, None, {}, "test", house.now()
                )


async def counts(pool: asyncpg.Pool, endpoint_id: int) -> tuple[int, int, int]:
    """How many deliveries of an endpoint are done, wait, and are dead."""
    (row,) = await builders.rows(
        pool,
        "select count(done_at) as done, count(dead_at) as dead, count(*) as everything "
        "from outbox where topic = 'webhook' and target = $1",
        endpoint_id,
    )
    return row["done"], row["everything"] - row["done"] - row["dead"], row["dead"]


def whole(receiver: Receiver, times: int) -> bool:
    """Whether each order's events came in their order, from the first to that one."""
    told = receiver.told()
    return all(told[subject] == list(range(1, times + 1)) for subject in ORDERS)


async def test_receiver_down_for_an_hour_then_slow_then_answering_410(
    pool: asyncpg.Pool, house: ClockHouse, sender: Sender
) -> None:
    troubled, other = await builders.add_shop(pool), await builders.add_shop(pool)
    port = own_port()
    endpoint_id = await entered(pool, troubled, f"http://127.0.0.1:{port}/")
    async with listening() as well:
        await entered(pool, other, well.url)

        # Down for an hour: something happens every ten minutes, and the other shop hears at once.
        for time in range(1, 7):
            await tell(house, troubled, other)
            await settle(sender)
            assert whole(well, time)
            house.pass_time(minutes=10)
            await settle(sender)
        assert await counts(pool, endpoint_id) == (0, 30, 0)

        # Slow: it takes what waited, each order's events in the order in which they happened.
        async with listening(port) as receiver:
            receiver.slow_s = 0.05
            await tell(house, troubled, other)
            await settle(sender)
            assert whole(well, 7)
            house.pass_time(hours=3)
            await settle(sender)
            assert whole(receiver, 7)
            assert await counts(pool, endpoint_id) == (35, 0, 0)

            # Gone: it is asked no more, and what it has not taken is laid aside.
            receiver.status = 410
            heard = len(receiver.heard)
            await tell(house, troubled, other)
            await settle(sender)
            for hours in (1, 10, 80):
                house.pass_time(hours=hours)
                await tell(house, troubled, other)
                await settle(sender)
            assert whole(well, 11)
            assert heard < len(receiver.heard) <= heard + len(ORDERS)
            assert await counts(pool, endpoint_id) == (35, 0, 5)
            await told_why(pool, troubled, endpoint_id)

            # Back again: a replay brings what was laid aside, and what happened meanwhile.
            receiver.status, receiver.slow_s = 204, 0.0
            del receiver.heard[heard:]
            change = Change(active=True)
            await endpoints.change_endpoint(pool, troubled, endpoint_id, change, house.now())
            request = Request(troubled, "replay", "replay", body_hash("replay"))
            since = datetime.now(UTC) - timedelta(hours=1)
            answer = await endpoints.replay_since(
                pool, request, endpoint_id, ["dead"], since, house.now()
            )
            # Four times five events, and the one that says that the endpoint was disabled.
            assert answer.body == {"replayed": 21, "next_since": None}
            await settle(sender)
            assert whole(receiver, 11)
            assert await counts(pool, endpoint_id) == (56, 0, 0)


async def test_what_happens_while_an_endpoint_is_disabled_is_not_sent_to_it(
    pool: asyncpg.Pool, house: ClockHouse, sender: Sender
) -> None:
    shop = await builders.add_shop(pool)
    async with listening() as receiver:
        endpoint_id = await entered(pool, shop, receiver.url)
        async with staff_transaction(pool) as connection:
            # What happens is queued for an endpoint that is disabled before that is committed.
            await outbox.emit(
                connection, shop.tenant_id, "a", ORDERS[0], None, {}, "test", house.now()
            )
            change = Change(active=False)
            await endpoints.change_endpoint(pool, shop, endpoint_id, change, house.now())
        await settle(sender)
        assert receiver.heard == []
        assert await counts(pool, endpoint_id) == (0, 0, 1)
        change = Change(active=True)
        await endpoints.change_endpoint(pool, shop, endpoint_id, change, house.now())
        request = Request(shop, "replay", "replay", body_hash("replay"))
        since = datetime.now(UTC) - timedelta(hours=1)
        await endpoints.replay_since(pool, request, endpoint_id, ["dead"], since, house.now())
        await settle(sender)
    assert receiver.told() == {ORDERS[0]: [1]}


async def told_why(pool: asyncpg.Pool, shop: Shop, endpoint_id: int) -> None:
    """The endpoint says why it hears nothing, and so does an event."""
    async with staff_transaction(pool) as connection:
        row = await outbox_rows.find_endpoint(connection, shop.tenant_id, shop.shop_id, endpoint_id)
    assert row is not None
    assert not row["active"] and row["disabled_at"] is not None
    assert "410" in row["disabled_reason"]
    (event,) = await builders.rows(
        pool,
        "select subject, data from event where tenant_id = $1 and type = $2",
        shop.tenant_id,
        "webhook_endpoint.disabled",
    )
    assert event["subject"] == f"webhook-endpoint/{endpoint_id}"
    assert event["data"]["endpoint_id"] == endpoint_id


async def test_a_sender_that_dies_leaves_its_messages_to_the_next(
    pool: asyncpg.Pool, house: ClockHouse
) -> None:
    shop = await builders.add_shop(pool)
    async with listening(hangs=True) as receiver:
        endpoint_id = await entered(pool, shop, receiver.url)
        await tell(house, shop)
        async with open_sender(house) as first:
            assert await first.take_due() == len(ORDERS)
        receiver.gate.set()
        async with open_sender(house) as second:
            await settle(second)
            assert await counts(pool, endpoint_id) == (0, 5, 0)
            house.pass_time(seconds=61)
            await settle(second)
        assert await counts(pool, endpoint_id) == (5, 0, 0)
        assert whole(receiver, 1)

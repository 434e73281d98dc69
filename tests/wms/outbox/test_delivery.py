"""What must leave: in order for each object, leased to one sender, and later when it failed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import asyncpg
import pytest

from tests.builders import add_shop
from wms.database.pool import staff_transaction
from wms.outbox import commands as outbox
from wms.outbox.commands import ATTEMPTS_MAX, WAIT_S_MAX, wait_after
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers

# A message is due from the moment that the database's clock shows when it is written.
SOON = datetime.now(UTC) + timedelta(hours=1)
LEASE = timedelta(seconds=30)
MANY = 1_000


async def _endpoint(pool: asyncpg.Pool, types: list[str]) -> tuple[Shop, int]:
    shop = await add_shop(pool)
    async with staff_transaction(pool) as connection:
        endpoint_id, secret = await outbox.add_endpoint(
            connection, shop.tenant_id, shop.shop_id, "http://127.0.0.1:1/hook", types
        )
    assert secret.startswith("whsec_")
    return shop, endpoint_id


async def _emit(pool: asyncpg.Pool, shop: Shop, kind: str, subject: str) -> None:
    async with staff_transaction(pool) as connection:
        await outbox.emit(connection, shop.tenant_id, kind, subject, None, {}, "test", SOON)


async def _claim(pool: asyncpg.Pool, endpoint_id: int, at: datetime = SOON) -> list[asyncpg.Record]:
    """Leases all that is due; what goes to this endpoint."""
    async with staff_transaction(pool) as connection:
        claimed = await outbox.claim_messages(connection, MANY, [], at, at + LEASE)
    return [row for row in claimed if (row["topic"], row["target"]) == ("webhook", endpoint_id)]


def _told(claimed: list[asyncpg.Record]) -> list[tuple[str, str]]:
    return [(row["subject"], row["payload"]["type"]) for row in claimed]


async def test_of_an_object_only_the_oldest_message_is_claimed(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    for kind, subject in (("a", "order/1"), ("b", "order/1"), ("c", "order/2")):
        await _emit(pool, shop, kind, subject)
    claimed = await _claim(pool, endpoint)
    assert _told(claimed) == [("order/1", "a"), ("order/2", "c")]
    async with staff_transaction(pool) as connection:
        await outbox.finish_message(connection, claimed[0]["id"], SOON)
    assert _told(await _claim(pool, endpoint)) == [("order/1", "b")]


async def test_a_failing_message_delays_only_its_own_object(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    for kind, subject in (("a", "order/1"), ("b", "order/1"), ("c", "order/2"), ("d", "order/2")):
        await _emit(pool, shop, kind, subject)
    failing, right = await _claim(pool, endpoint)
    async with staff_transaction(pool) as connection:
        await outbox.postpone_message(connection, failing["id"], 3, "no answer", SOON)
        await outbox.finish_message(connection, right["id"], SOON)
    assert _told(await _claim(pool, endpoint)) == [("order/2", "d")]
    again = await _claim(pool, endpoint, SOON + wait_after(3))
    assert _told(again) == [("order/1", "a")]
    assert again[0]["attempts"] == 2
    assert again[0]["message_id"] == failing["message_id"]


async def test_a_message_is_leased_to_one_sender_until_the_lease_ends(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, shop, "a", "order/1")
    assert len(await _claim(pool, endpoint)) == 1
    assert await _claim(pool, endpoint, SOON + LEASE / 2) == []
    assert len(await _claim(pool, endpoint, SOON + LEASE * 2)) == 1


async def test_two_senders_at_once_never_have_the_same_message(pool: asyncpg.Pool) -> None:
    shop, _ = await _endpoint(pool, ["*"])
    for number in range(6):
        await _emit(pool, shop, "a", f"order/{number}")
    async with staff_transaction(pool) as one:
        first = await outbox.claim_messages(one, 3, [], SOON, SOON + LEASE)
        async with staff_transaction(pool) as other:
            second = await outbox.claim_messages(other, MANY, [], SOON, SOON + LEASE)
    assert len(first) == 3
    assert not {row["id"] for row in first} & {row["id"] for row in second}


async def test_a_busy_receiver_is_left_for_later(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, shop, "a", "order/1")
    async with staff_transaction(pool) as connection:
        claimed = await outbox.claim_messages(
            connection, MANY, [("webhook", endpoint)], SOON, SOON + LEASE
        )
    assert endpoint not in [row["target"] for row in claimed if row["topic"] == "webhook"]
    assert len(await _claim(pool, endpoint)) == 1


async def test_a_message_is_given_up_after_the_last_attempt(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, shop, "a", "order/1")
    await _emit(pool, shop, "b", "order/1")
    [failing] = await _claim(pool, endpoint)
    async with staff_transaction(pool) as connection:
        await outbox.postpone_message(connection, failing["id"], ATTEMPTS_MAX, "gone", SOON)
    assert _told(await _claim(pool, endpoint)) == [("order/1", "b")]


async def test_an_endpoint_hears_only_what_it_asked_for(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["order.paid"])
    await _emit(pool, shop, "order.accepted", "order/1")
    await _emit(pool, shop, "order.paid", "order/2")
    assert _told(await _claim(pool, endpoint)) == [("order/2", "order.paid")]


async def test_an_endpoint_hears_nothing_of_another_tenant(pool: asyncpg.Pool) -> None:
    _, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, await add_shop(pool), "order.paid", "order/1")
    assert await _claim(pool, endpoint) == []


async def test_a_message_is_undone_with_the_change_that_caused_it(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    with pytest.raises(ZeroDivisionError):
        async with staff_transaction(pool) as connection:
            await outbox.emit(connection, shop.tenant_id, "a", "order/1", None, {}, "test", SOON)
            raise ZeroDivisionError
    assert await _claim(pool, endpoint) == []


def test_the_wait_doubles_from_half_a_second_to_an_hour() -> None:
    waits = [wait_after(attempts).total_seconds() for attempts in range(1, 30)]
    assert waits[0] == 0.5
    assert all(later == min(2 * earlier, WAIT_S_MAX) for earlier, later in pairwise(waits))
    assert waits[-1] == WAIT_S_MAX


async def _jobs(
    pool: asyncpg.Pool, kind: str, at: datetime = SOON, limit: int = MANY
) -> list[asyncpg.Record]:
    async with staff_transaction(pool) as connection:
        return await outbox.claim_jobs(connection, [kind], limit, at, at + LEASE)


async def _enqueue(pool: asyncpg.Pool, kind: str, subject: str) -> None:
    async with staff_transaction(pool) as connection:
        await outbox.enqueue(connection, kind, subject, {"of": subject}, SOON)


async def test_a_job_waits_once_for_each_subject(pool: asyncpg.Pool) -> None:
    kind = uuid4().hex
    for subject in ("order/1", "order/2", "order/1"):
        await _enqueue(pool, kind, subject)
    claimed = await _jobs(pool, kind)
    assert sorted(job["subject"] for job in claimed) == ["order/1", "order/2"]
    await _enqueue(pool, kind, "order/1")
    assert await _jobs(pool, kind) == []
    async with staff_transaction(pool) as connection:
        for job in claimed:
            await outbox.finish_job(connection, job["id"], SOON)
    await _enqueue(pool, kind, "order/1")
    assert len(await _jobs(pool, kind)) == 1


async def test_a_job_comes_again_when_its_lease_ends_or_it_failed(pool: asyncpg.Pool) -> None:
    kind = uuid4().hex
    await _enqueue(pool, kind, "order/1")
    [job] = await _jobs(pool, kind)
    assert await _jobs(pool, kind, SOON + LEASE / 2) == []
    later = SOON + LEASE * 2
    [again] = await _jobs(pool, kind, later)
    assert (again["id"], again["attempts"]) == (job["id"], 2)
    async with staff_transaction(pool) as connection:
        await outbox.postpone_job(connection, job["id"], 2, "no solver", later)
    assert await _jobs(pool, kind, later) == []
    assert len(await _jobs(pool, kind, later + wait_after(2))) == 1
    async with staff_transaction(pool) as connection:
        await outbox.postpone_job(connection, job["id"], ATTEMPTS_MAX, "no solver", later)
    assert await _jobs(pool, kind, later + timedelta(days=9)) == []


async def test_a_job_that_is_not_due_waits(pool: asyncpg.Pool) -> None:
    kind = uuid4().hex
    await _enqueue(pool, kind, "order/1")
    assert await _jobs(pool, kind, SOON - timedelta(seconds=1)) == []


async def test_a_device_s_telegram_is_kept_once(pool: asyncpg.Pool) -> None:
    device = uuid4().hex
    kept = []
    async with staff_transaction(pool) as connection:
        for boot, seq in ((1, 1), (1, 1), (1, 2), (2, 1)):
            kept.append(await outbox.keep_telegram(connection, device, boot, seq, "read", {}))
    assert kept == [True, False, True, True]

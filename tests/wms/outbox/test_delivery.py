"""What must leave: in order for each object, leased to one sender, and later when it failed."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import uuid4

import asyncpg
import pytest

from tests.builders import add_shop, rows, value
from tests.wms.journey.people import wait_for_lock
from wms.database.pool import shop_transaction, staff_transaction
from wms.journey.shop.endpoint import forget_deliveries
from wms.outbox import commands as outbox
from wms.outbox import endpoint_commands as endpoints
from wms.outbox.commands import Attempt, Claim
from wms.outbox.schedule import (
    ATTEMPTS_MAX,
    WAIT_S_MAX,
    carrier_wait_after,
    wait_after,
    webhook_wait_after,
)
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers

# A message is due from the moment that the database's clock shows when it is written.
SOON = datetime.now(UTC) + timedelta(hours=1)
LEASE = timedelta(seconds=30)
MANY = 1_000


async def _endpoint(pool: asyncpg.Pool, types: list[str]) -> tuple[Shop, int]:
    shop = await add_shop(pool)
    async with staff_transaction(pool) as connection:
        endpoint_id, secret = await endpoints.add_endpoint(
            connection, shop.tenant_id, shop.shop_id, "http://127.0.0.1:1/hook", types
        )
    assert secret.startswith("whsec_")
    return shop, endpoint_id


async def _emit(pool: asyncpg.Pool, shop: Shop, kind: str, subject: str) -> None:
    async with staff_transaction(pool) as connection:
        await outbox.emit(connection, shop.tenant_id, kind, subject, None, {}, "test", SOON)


async def _claim(
    pool: asyncpg.Pool,
    endpoint_id: int,
    at: datetime = SOON,
    *,
    length: int = 1,
    rooms: dict[tuple[str, int], int] | None = None,
) -> list[asyncpg.Record]:
    """Leases all that is due, looking again while something stands behind an older one.

    What goes to this endpoint.
    """
    claim = Claim(["webhook"], rooms or {}, MANY, MANY, length)
    found: list[asyncpg.Record] = []
    async with staff_transaction(pool) as connection:
        while True:
            claimed, behind = await outbox.claim_messages(connection, claim, at, at + LEASE)
            found += claimed
            if not claimed and not behind:
                break
    return [row for row in found if row["target"] == endpoint_id]


async def _book(
    pool: asyncpg.Pool,
    message: asyncpg.Record,
    error: str | None = None,
    again_at: datetime | None = None,
    at: datetime = SOON,
) -> None:
    """Taken; or tried again at that moment; or given up."""
    async with staff_transaction(pool) as connection:
        status = 204 if error is None else 503
        attempt = Attempt(message["id"], at, status, error, again_at)
        await outbox.book_attempts(connection, [attempt], at)


def _told(claimed: list[asyncpg.Record]) -> list[tuple[str, str]]:
    return [(row["subject"], row["payload"]["type"]) for row in claimed]


async def test_of_an_object_only_the_oldest_message_is_claimed(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    for kind, subject in (("a", "order/1"), ("b", "order/1"), ("c", "order/2")):
        await _emit(pool, shop, kind, subject)
    claimed = await _claim(pool, endpoint)
    assert _told(claimed) == [("order/1", "a"), ("order/2", "c")]
    await _book(pool, claimed[0])
    assert _told(await _claim(pool, endpoint)) == [("order/1", "b")]


async def test_what_follows_in_an_object_s_line_is_taken_along(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    for kind in "abcd":
        await _emit(pool, shop, kind, "order/1")
    claimed = await _claim(pool, endpoint, length=3)
    assert _told(claimed) == [("order/1", kind) for kind in "abc"]
    for message in claimed:
        await _book(pool, message)
    assert _told(await _claim(pool, endpoint, length=3)) == [("order/1", "d")]


async def test_a_message_that_comes_while_its_object_is_being_told_waits_behind(
    pool: asyncpg.Pool,
) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, shop, "a", "order/1")
    [first] = await _claim(pool, endpoint)
    await _emit(pool, shop, "b", "order/1")
    assert await _claim(pool, endpoint) == []
    # Nothing of the time in between makes it come before the other is through.
    assert await _claim(pool, endpoint, SOON + LEASE / 2) == []
    await _book(pool, first)
    assert _told(await _claim(pool, endpoint)) == [("order/1", "b")]


async def test_a_failing_message_delays_only_its_own_object(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    for kind, subject in (("a", "order/1"), ("b", "order/1"), ("c", "order/2"), ("d", "order/2")):
        await _emit(pool, shop, kind, subject)
    failing, right = await _claim(pool, endpoint)
    later = SOON + timedelta(hours=3)
    await _book(pool, failing, "no answer", later)
    await _book(pool, right)
    [next_one] = await _claim(pool, endpoint)
    assert _told([next_one]) == [("order/2", "d")]
    await _book(pool, next_one)
    again = await _claim(pool, endpoint, later)
    assert _told(again) == [("order/1", "a")]
    assert again[0]["attempts"] == 1
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
        for kind in "ab":
            await _emit(pool, shop, kind, f"order/{number}")
    async with staff_transaction(pool) as one:
        three = Claim(["webhook"], {}, MANY, 3, 5)
        first, _ = await outbox.claim_messages(one, three, SOON, SOON + LEASE)
        async with staff_transaction(pool) as other:
            every = Claim(["webhook"], {}, MANY, MANY, 5)
            second, _ = await outbox.claim_messages(other, every, SOON, SOON + LEASE)
    assert len({row["subject"] for row in first}) == 3
    assert not {row["id"] for row in first} & {row["id"] for row in second}


async def test_a_busy_receiver_is_left_for_later(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, shop, "a", "order/1")
    busy = {("webhook", endpoint): 0}
    assert await _claim(pool, endpoint, rooms=busy) == []
    assert len(await _claim(pool, endpoint)) == 1


async def test_what_is_behind_a_message_that_is_given_up_goes_on(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, shop, "a", "order/1")
    await _emit(pool, shop, "b", "order/1")
    [failing] = await _claim(pool, endpoint)
    await _book(pool, failing, "gone")
    assert _told(await _claim(pool, endpoint)) == [("order/1", "b")]


async def test_what_was_taken_is_done_though_it_was_given_up_meanwhile(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    await _emit(pool, shop, "a", "order/1")
    [message] = await _claim(pool, endpoint)
    await _book(pool, message, "given up by another sender")
    await _book(pool, message)
    row = await connection_row(pool, message["id"])
    assert row["done_at"] is not None and row["dead_at"] is None


async def test_a_head_that_somebody_forgot_is_woken(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    for kind in "ab":
        await _emit(pool, shop, kind, "order/1")
    [first] = await _claim(pool, endpoint)
    async with staff_transaction(pool) as connection:
        await connection.execute("delete from outbox where id = $1", first["id"])
    assert await _claim(pool, endpoint) == []
    async with staff_transaction(pool) as connection:
        assert await outbox.wake_forgotten(connection, SOON) == 1
        assert await outbox.wake_forgotten(connection, SOON) == 0
    assert _told(await _claim(pool, endpoint)) == [("order/1", "b")]


async def connection_row(pool: asyncpg.Pool, message_id: int) -> asyncpg.Record:
    (row,) = await rows(pool, "select * from outbox where id = $1", message_id)
    return row


async def test_what_was_through_long_ago_is_deleted(pool: asyncpg.Pool) -> None:
    shop, endpoint = await _endpoint(pool, ["*"])
    for number in range(4):
        await _emit(pool, shop, "a", f"order/{number}")
    done, dead, failing, _ = await _claim(pool, endpoint)
    await _book(pool, done)
    await _book(pool, dead, "gone")
    await _book(pool, failing, "no answer", SOON + timedelta(days=2))
    mine = "select count(*) from outbox where topic = 'webhook' and target = $1"
    month = timedelta(days=30)
    await forget_deliveries(pool, month, SOON + month - timedelta(minutes=1))
    assert await value(pool, mine, endpoint) == 4
    await forget_deliveries(pool, month, SOON + month + timedelta(minutes=1))
    assert await value(pool, mine, endpoint) == 2


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


def test_a_webhook_is_tried_over_75_hours_and_never_sooner_than_told() -> None:
    rng = Random(1)
    waits = [webhook_wait_after(attempts, rng) for attempts in range(1, 11)]
    assert waits.pop() is None
    told = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
    assert sum(told) > 75 * 3_600
    for wait, told_s in zip(waits, told, strict=True):
        assert wait is not None and told_s <= wait.total_seconds() <= 1.1 * told_s
    assert webhook_wait_after(1, rng) != webhook_wait_after(1, rng)


def test_a_carrier_is_told_again_soon_and_given_up_at_last() -> None:
    wait = carrier_wait_after(1, Random(1))
    assert wait is not None and 0.5 <= wait.total_seconds() < 1
    assert carrier_wait_after(ATTEMPTS_MAX, Random(1)) is None


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
            await outbox.finish_job(connection, job, SOON)
    await _enqueue(pool, kind, "order/1")
    assert len(await _jobs(pool, kind, SOON + timedelta(seconds=1))) == 1


async def test_a_job_comes_again_when_its_lease_ends_or_it_failed(pool: asyncpg.Pool) -> None:
    kind = uuid4().hex
    await _enqueue(pool, kind, "order/1")
    [job] = await _jobs(pool, kind)
    assert await _jobs(pool, kind, SOON + LEASE / 2) == []
    later = SOON + LEASE * 2
    [again] = await _jobs(pool, kind, later)
    assert (again["id"], again["attempts"]) == (job["id"], 2)
    async with staff_transaction(pool) as connection:
        await outbox.postpone_job(connection, again, "no solver", later)
    assert await _jobs(pool, kind, later) == []
    for attempts in range(3, ATTEMPTS_MAX + 1):
        later += timedelta(days=1)
        [last] = await _jobs(pool, kind, later)
        assert last["attempts"] == attempts
        async with staff_transaction(pool) as connection:
            await outbox.postpone_job(connection, last, "no solver", later)
    assert await _jobs(pool, kind, later + timedelta(days=9)) == []


async def test_a_job_that_is_asked_for_while_it_is_done_is_done_once_more(
    pool: asyncpg.Pool,
) -> None:
    kind = uuid4().hex
    await _enqueue(pool, kind, "order/1")
    [job] = await _jobs(pool, kind)
    await _enqueue(pool, kind, "order/1")
    # Not beside itself: it may have looked before what it is asked for was there.
    assert await _jobs(pool, kind) == []
    async with staff_transaction(pool) as connection:
        await outbox.finish_job(connection, job, SOON)
    [again] = await _jobs(pool, kind, SOON + LEASE / 2)
    assert again["id"] == job["id"]
    async with staff_transaction(pool) as connection:
        await outbox.finish_job(connection, again, SOON)
    assert await _jobs(pool, kind, SOON + LEASE * 2) == []


async def test_a_job_that_fails_when_it_was_asked_for_again_is_due_at_once(
    pool: asyncpg.Pool,
) -> None:
    kind = uuid4().hex
    await _enqueue(pool, kind, "order/1")
    [job] = await _jobs(pool, kind)
    await _enqueue(pool, kind, "order/1")
    async with staff_transaction(pool) as connection:
        await outbox.postpone_job(connection, job, "no solver", SOON)
    assert len(await _jobs(pool, kind, SOON + timedelta(seconds=1))) == 1


async def test_whoever_ends_a_job_waits_for_those_who_ask_for_it(pool: asyncpg.Pool) -> None:
    kind = uuid4().hex
    await _enqueue(pool, kind, "order/1")
    [job] = await _jobs(pool, kind)

    async def finish() -> None:
        async with staff_transaction(pool) as connection:
            await outbox.finish_job(connection, job, SOON)

    async with staff_transaction(pool) as connection:
        await outbox.enqueue(connection, kind, "order/1", {}, SOON)
        ending = asyncio.create_task(finish())
        await wait_for_lock(pool, 1)
    await ending
    assert len(await _jobs(pool, kind, SOON + timedelta(seconds=1))) == 1


async def test_a_job_is_not_begun_before_who_asks_for_it_again_has_committed(
    pool: asyncpg.Pool,
) -> None:
    kind = uuid4().hex
    await _enqueue(pool, kind, "order/1")
    async with staff_transaction(pool) as connection:
        await outbox.enqueue(connection, kind, "order/1", {}, SOON)
        assert await _jobs(pool, kind) == []
    assert len(await _jobs(pool, kind)) == 1


async def test_a_shop_s_own_transaction_may_ask_for_a_job_again(pool: asyncpg.Pool) -> None:
    shop = await add_shop(pool)
    kind = uuid4().hex
    for _ in range(2):
        async with shop_transaction(pool, shop.tenant_id) as connection:
            await outbox.enqueue(connection, kind, "order/1", {}, SOON)
    assert len(await _jobs(pool, kind)) == 1


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

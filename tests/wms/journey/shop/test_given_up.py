"""What was given up is an alarm until it was sent again, somebody has seen it, or nobody hears."""

from datetime import UTC, datetime, timedelta

import asyncpg

from tests.builders import add_shop, rows
from wms.database.pool import staff_transaction
from wms.journey.request import Request
from wms.journey.shop import endpoint as endpoints
from wms.journey.shop.given_up import GivenUp, acknowledge, send_again
from wms.outbox import commands as outbox
from wms.outbox import queries as outbox_rows
from wms.outbox.command import body_hash
from wms.outbox.commands import Attempt, Claim
from wms.outbox.endpoint_commands import Change
from wms.outbox.schedule import ATTEMPTS_MAX
from wms.overview import queries as overviews
from wms.tenants.shop import Shop

# A message is due from the moment that the database's clock shows when it is written.
SOON = datetime.now(UTC) + timedelta(hours=1)
LEASE = timedelta(seconds=30)


async def endpoint(pool: asyncpg.Pool, shop: Shop) -> int:
    request = Request(shop, "new", "endpoint", body_hash("new"))
    answer = await endpoints.add_endpoint(pool, request, "http://127.0.0.1:1/", ["*"])
    number = answer.body["id"]
    assert isinstance(number, int)
    return number


async def given_up(pool: asyncpg.Pool, shop: Shop, *subjects: str) -> None:
    """One event each, which the shop's endpoint does not take."""
    async with staff_transaction(pool) as connection:
        for subject in subjects:
            await outbox.emit(connection, shop.tenant_id, "a", subject, None, {}, "test", SOON)
        messages, _ = await outbox.claim_messages(
            connection, Claim(["webhook"], {}, 99, 99, 9), SOON, SOON + LEASE
        )
        attempts = [Attempt(one["id"], SOON, 500, "HTTP 500", None) for one in messages]
        await outbox.book_attempts(connection, attempts, SOON)


async def alarms(pool: asyncpg.Pool, queue: str = "webhooks") -> tuple[int, list[str]]:
    """What the first screen counts as given up in a queue, and what it says of it."""
    async with staff_transaction(pool) as connection:
        seen = await overviews.overview(connection, SOON)
    [count] = [one.dead for one in seen.queues if one.name == queue]
    return count, [one.text for one in seen.alarms if f"given up: {queue}" in one.text]


async def test_what_was_given_up_is_an_alarm_until_it_is_sent_again(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)
    number = await endpoint(house, shop)
    await given_up(house, shop, "x/1", "x/2")
    assert await alarms(house) == (2, ["2 messages given up: webhooks"])
    async with staff_transaction(house) as connection:
        [row] = await outbox_rows.given_up(connection, 9)
    assert (row["queue"], row["receiver"], row["error"]) == ("webhook", str(number), "HTTP 500")
    assert (row["many"], row["name"]) == (2, "http://127.0.0.1:1/")
    assert await send_again(house, GivenUp("webhook", str(number)), "staff:Petra", SOON) == 2
    assert await alarms(house) == (0, [])
    [noted] = await rows(house, "select actor, detail from audit_note "
                                "where action = 'outbox.sent_again'")  # fmt: skip
    assert (noted["actor"], noted["detail"]) == ("staff:Petra", {"many": 2})
    # It comes under its own id, and is an alarm again where it is given up again.
    await given_up(house, shop)
    assert (await alarms(house))[0] == 2


async def test_what_somebody_has_seen_is_no_alarm_and_what_comes_after_is(
    house: asyncpg.Pool,
) -> None:
    shop = await add_shop(house)
    number = await endpoint(house, shop)
    await given_up(house, shop, "x/1")
    what = GivenUp("webhook", str(number))
    # What came after somebody has looked is not counted as seen.
    assert await acknowledge(house, what, SOON - LEASE, "staff:Petra", SOON) == 0
    assert await acknowledge(house, what, SOON, "staff:Petra", SOON) == 1
    assert await alarms(house) == (0, [])
    await given_up(house, shop, "x/2")
    assert (await alarms(house))[0] == 1
    [first, second] = await rows(house, "select dead_at from outbox order by id")
    assert first["dead_at"] == second["dead_at"] == SOON


async def test_what_an_endpoint_that_hears_nothing_missed_is_no_alarm(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)
    number = await endpoint(house, shop)
    await given_up(house, shop, "x/1")
    for active in (False, True):
        await endpoints.change_endpoint(house, shop, number, Change(active=active), SOON)
        assert await alarms(house) == (0, [])
    await given_up(house, shop, "x/2")
    assert (await alarms(house))[0] == 1
    await endpoints.remove_endpoint(house, shop, number, SOON)
    assert await alarms(house) == (0, [])


async def job(pool: asyncpg.Pool, subject: str) -> None:
    """A job that failed as often as it may."""
    async with staff_transaction(pool) as connection:
        await outbox.enqueue(connection, "wave", subject, {}, SOON)
        await connection.execute(
            "update job set attempts = $1 where dead_at is null and subject = $2",
            ATTEMPTS_MAX - 1,
            subject,
        )
        [one] = await outbox.claim_jobs(connection, ["wave"], 9, SOON, SOON + LEASE)
        await outbox.postpone_job(connection, one, "no solver", SOON)


async def test_a_job_that_was_given_up_is_done_again_once_for_its_subject(
    house: asyncpg.Pool,
) -> None:
    for subject in ("wave/1", "wave/1", "wave/2"):
        await job(house, subject)
    async with staff_transaction(house) as connection:
        await outbox.enqueue(connection, "wave", "wave/2", {}, SOON)
    assert await alarms(house, "jobs") == (3, ["3 messages given up: jobs"])
    assert await send_again(house, GivenUp("job", "wave"), "staff:Petra", SOON) == 3
    assert await alarms(house, "jobs") == (0, [])
    async with staff_transaction(house) as connection:
        again = await outbox.claim_jobs(connection, ["wave"], 9, SOON, SOON + LEASE)
    assert sorted(one["subject"] for one in again) == ["wave/1", "wave/2"]
    await job(house, "wave/3")
    assert await acknowledge(house, GivenUp("job", "wave"), SOON, "staff:Petra", SOON) == 1
    assert await alarms(house, "jobs") == (0, [])

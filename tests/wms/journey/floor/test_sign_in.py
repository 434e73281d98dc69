"""A badge with too many wrong PINs waits; nobody tries more PINs by asking at once."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from tests import builders
from tests.builders import NOW
from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.journey import entry
from wms.journey.floor.sign_in import sign_in
from wms.tenants.key_commands import BRAKE, BRAKE_MAX, FREE_FAILURES, brake
from wms.tenants.staff import Role


async def code_of(pool: asyncpg.Pool, badge: str, pin: str, now: datetime) -> str:
    """What an attempt came to: `in`, or the code of the refusal."""
    try:
        await sign_in(pool, badge, pin, "HH-01", now)
    except Refused as refusal:
        return refusal.code
    return "in"


@pytest.fixture
async def badge(pool: asyncpg.Pool) -> str:
    badge = f"B-brake-{next(builders._numbers)}"
    async with staff_transaction(pool) as connection:
        await entry.enter_staff(connection, badge, Role.OPERATOR, badge, "2468")
    return badge


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [brake(failures) for failures in range(FREE_FAILURES)] == [timedelta()] * FREE_FAILURES
    assert [brake(FREE_FAILURES + n) for n in range(3)] == [BRAKE, 2 * BRAKE, 4 * BRAKE]
    assert brake(100_000) == BRAKE_MAX


async def test_after_five_wrong_pins_even_the_right_one_waits(
    pool: asyncpg.Pool, badge: str
) -> None:
    for _ in range(FREE_FAILURES):
        assert await code_of(pool, badge, "1111", NOW) == "sign_in_refused"
    with pytest.raises(Refused) as refusal:
        await sign_in(pool, badge, "2468", "HH-01", NOW)
    assert refusal.value.code == "sign_in_braked"
    assert refusal.value.retry_after_s == BRAKE.total_seconds()
    assert await code_of(pool, badge, "1111", NOW + BRAKE) == "sign_in_refused"
    assert await code_of(pool, badge, "2468", NOW + BRAKE) == "sign_in_braked"
    assert await code_of(pool, badge, "2468", NOW + 3 * BRAKE) == "in"


async def test_the_right_pin_forgets_the_wrong_ones_and_so_does_a_day(
    pool: asyncpg.Pool, badge: str
) -> None:
    for pin in ("1111", "1111", "1111", "1111", "2468", "1111", "1111", "1111", "1111"):
        await code_of(pool, badge, pin, NOW)
    assert await code_of(pool, badge, "2468", NOW) == "in"
    for _ in range(FREE_FAILURES - 1):
        await code_of(pool, badge, "1111", NOW)
    tomorrow = NOW + timedelta(days=1)
    assert await code_of(pool, badge, "1111", tomorrow) == "sign_in_refused"
    assert await code_of(pool, badge, "2468", tomorrow) == "in"


async def test_a_badge_that_nobody_has_waits_the_same_and_others_do_not(
    pool: asyncpg.Pool, badge: str
) -> None:
    told = [await code_of(pool, f"no-{badge}", "1111", NOW) for _ in range(FREE_FAILURES + 1)]
    assert told == ["sign_in_refused"] * FREE_FAILURES + ["sign_in_braked"]
    assert await code_of(pool, badge, "2468", NOW) == "in"


async def test_who_guesses_twenty_at_once_has_guessed_five(pool: asyncpg.Pool, badge: str) -> None:
    guesses = [code_of(pool, badge, f"{pin:04d}", NOW) for pin in range(20)]
    told = sorted(await asyncio.gather(*guesses))
    assert told == ["sign_in_braked"] * 15 + ["sign_in_refused"] * 5

"""Telegrams that the house has, but whose effect it refused: laid aside, and tried again by hand.

A device is never held up by one: it is acknowledged, and a person decides.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import asyncpg

from wms.equipment import commands as equipment
from wms.equipment.device import DeadTelegram
from wms.error import Conflict, NotFound, WmsError
from wms.outbox import commands as outbox

Effect = Callable[[asyncpg.Connection, DeadTelegram, datetime], Awaitable[None]]
# What may stand between a telegram and its effect, and would do so each time.
REFUSALS = (WmsError, asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)


async def keep_telegram(
    connection: asyncpg.Connection,
    telegram: DeadTelegram,
    effect: Callable[[asyncpg.Connection], Awaitable[None]],
    now: datetime,
) -> str | None:
    """Keeps a telegram with its effect, once; the reason where the house refused the effect."""
    kept = await outbox.keep_telegram(
        connection,
        telegram.device,
        telegram.boot,
        telegram.seq,
        telegram.kind,
        telegram.payload,
    )
    if not kept:
        return None
    try:
        async with connection.transaction():
            await effect(connection)
    except REFUSALS as error:
        reason = reason_of(error)
        await lay_aside(connection, telegram.device, telegram.boot, telegram.seq, reason, now)
        return reason
    return None


async def lay_aside(
    connection: asyncpg.Connection, device: str, boot: int, seq: int, reason: str, now: datetime
) -> None:
    """Makes a telegram that is kept a dead letter."""
    await equipment.lay_aside(connection, device, boot, seq, reason, now)


async def replay(
    connection: asyncpg.Connection,
    telegram_id: int,
    effects: Mapping[str, Effect],
    by: str,
    now: datetime,
) -> asyncpg.Record:
    """Tries a dead letter's effect again; one that was replayed is left as it is.

    Answers the telegram as it stands; refused again, it tells the new reason and stays dead.

    Raises:
        NotFound: `unknown_dead_letter`.
        Conflict: `no_effect`, no telegram of its kind has any.
    """
    row = await equipment.dead_letter_for_update(connection, telegram_id)
    if row is None:
        raise NotFound("unknown_dead_letter", f"There is no dead letter {telegram_id}.")
    if row["replayed_at"] is not None:
        return row
    telegram = DeadTelegram(row["device"], row["boot"], row["seq"], row["kind"], row["payload"])
    effect = effects.get(telegram.kind)
    if effect is None:
        raise Conflict("no_effect", f"A telegram {telegram.kind!r} has no effect to try again.")
    try:
        async with connection.transaction():
            await effect(connection, telegram, now)
    except REFUSALS as error:
        reason = reason_of(error)
        await lay_aside(connection, telegram.device, telegram.boot, telegram.seq, reason, now)
    else:
        await equipment.set_replayed(connection, telegram_id, by, now)
    again = await equipment.dead_letter_for_update(connection, telegram_id)
    assert again is not None
    return again


def reason_of(error: Exception) -> str:
    """What is kept of a refusal: its code, where it has one, and its sentence."""
    if isinstance(error, WmsError):
        return f"{error.code}: {error.detail}"
    return f"{type(error).__name__}: {error}"

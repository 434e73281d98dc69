"""Staff see to what was given up: it is sent again, or somebody has seen it and it is let rest."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.audit import commands as audit
from wms.database.pool import staff_transaction
from wms.outbox import commands as outbox

JOB = "job"
# A mail that came back has had a ticket since: what is sent to whom is decided there.
FINAL = ("mail",)
AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What was given up to one receiver: a topic and its target, or jobs of one kind."""

    queue: str
    receiver: str


async def send_again(pool: asyncpg.Pool, what: GivenUp, actor: str, now: datetime) -> int:
    """Lets what was given up begin its tries anew, no more than AT_ONCE; how many begin."""
    assert what.queue not in FINAL, "a mail is sent anew by whoever answers its ticket"
    async with staff_transaction(pool) as connection:
        if what.queue == JOB:
            many = await outbox.do_again(connection, what.receiver, AT_ONCE, now)
        else:
            many = await outbox.send_again(connection, what.queue, what.receiver, AT_ONCE, now)
        await _note(connection, "outbox.sent_again", what, many, actor, now)
    return many


async def acknowledge(
    pool: asyncpg.Pool, what: GivenUp, upto: datetime, actor: str, now: datetime
) -> int:
    """Ends the alarm of what was given up until then: somebody has seen it; how many."""
    async with staff_transaction(pool) as connection:
        if what.queue == JOB:
            many = await outbox.acknowledge_jobs(connection, what.receiver, upto, now)
        else:
            many = await outbox.acknowledge(connection, what.queue, what.receiver, upto, now)
        await _note(connection, "outbox.acknowledged", what, many, actor, now)
    return many


async def _note(
    connection: asyncpg.Connection, did: str, what: GivenUp, many: int, actor: str, now: datetime
) -> None:
    if not many:
        return
    await audit.note(
        connection,
        audit.HOUSE,
        actor,
        did,
        f"{what.queue}/{what.receiver}",
        now,
        detail={"many": many},
    )

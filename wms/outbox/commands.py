"""What was asked, what happened, and what must leave: written with the change that causes it."""

from datetime import datetime

import asyncpg

from wms.error import Conflict, Refused
from wms.outbox import event_store, given_up_store, message_store, store
from wms.outbox.command import Answer
from wms.outbox.schedule import ATTEMPTS_MAX, wait_after


async def first_answer(
    connection: asyncpg.Connection, tenant_id: int, scope: str, command_id: str, body_hash: bytes
) -> Answer | None:
    """The answer that this command got before, or None; holds the command until the end.

    Raises:
        Conflict: `in_flight`, the same command is being worked on now.
        Refused: `idempotency_key_reused`, it came before with another body.
    """
    row = await store.claim_command(connection, tenant_id, scope, command_id)
    return answer_claimed(row, body_hash)


def answer_claimed(row: asyncpg.Record, body_hash: bytes) -> Answer | None:
    """The answer that a claimed command got before, or None; `row` is what claim_command says.

    Raises: as `first_answer` does.
    """
    if not row["o_held"]:
        raise Conflict("in_flight", "The same request is still being worked on; ask again.")
    return _answer(row["o_body_hash"], row["o_status"], row["o_response"], body_hash)


async def answer_before(
    connection: asyncpg.Connection, tenant_id: int, scope: str, command_id: str, body_hash: bytes
) -> Answer | None:
    """The answer that this command got before, or None, where the caller keeps others away.

    Raises:
        Refused: `idempotency_key_reused`.
    """
    row = await store.find_command(connection, tenant_id, scope, command_id)
    if row is None:
        return None
    return _answer(row["body_hash"], row["status"], row["response"], body_hash)


def _answer(
    first_hash: bytes | None, status: int, response: dict[str, object], body_hash: bytes
) -> Answer | None:
    if first_hash is None:
        return None
    if first_hash != body_hash:
        raise Refused(
            "idempotency_key_reused", "This Idempotency-Key came before with another request."
        )
    return Answer(status, response, replayed=True)


async def remember(
    connection: asyncpg.Connection,
    tenant_id: int,
    scope: str,
    command_id: str,
    kind: str,
    body_hash: bytes,
    answer: Answer,
    actor: str,
) -> None:
    """Keeps the answer for repeats."""
    await store.insert_command(
        connection,
        tenant_id,
        scope,
        command_id,
        kind,
        body_hash,
        answer.status,
        answer.body,
        actor,
    )


async def emit(
    connection: asyncpg.Connection,
    tenant_id: int,
    event_type: str,
    subject: str,
    order_id: int | None,
    data: dict[str, object],
    actor: str,
    now: datetime,
) -> None:
    """Writes what happened, and queues it for every webhook endpoint that asked for it.

    It is numbered within its subject, so whoever else tells of that subject waits for the end of
    this transaction.
    """
    await event_store.insert_event(
        connection, tenant_id, event_type, subject, order_id, data, actor, now
    )


async def postpone_job(
    connection: asyncpg.Connection, job: asyncpg.Record, error: str, now: datetime
) -> None:
    """Tries a claimed job again later, or lays it aside as dead after the last attempt."""
    attempts = job["attempts"]
    dead_at = now if attempts >= ATTEMPTS_MAX else None
    await store.postpone_job(connection, job, now + wait_after(attempts), dead_at, error)


try_lock = store.try_lock
Attempt = message_store.Attempt
Claim = message_store.Claim
claim_messages = message_store.claim_messages
book_attempts = message_store.book_attempts
release_messages = message_store.release_messages
wake_forgotten = message_store.wake_forgotten
delete_messages = message_store.delete_messages
delete_orphans = message_store.delete_orphans
send_again = given_up_store.send_again
do_again = given_up_store.do_again
acknowledge = given_up_store.acknowledge
acknowledge_jobs = given_up_store.acknowledge_jobs
send = message_store.insert_messages
enqueue = store.ask_job
claim_jobs = store.claim_jobs
finish_job = store.finish_job
keep_telegram = store.insert_inbox
keep_telegrams = store.insert_inbox_rows
Telegram = store.Telegram

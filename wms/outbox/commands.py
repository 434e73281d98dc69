"""What was asked, what happened, and what must leave: written with the change that causes it."""

import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import asyncpg

from wms.error import Conflict, Refused
from wms.outbox import store
from wms.outbox.command import Answer

ATTEMPTS_MAX = 30
WAIT_S_MAX = 3_600


async def first_answer(
    connection: asyncpg.Connection, tenant_id: int, scope: str, command_id: str, body_hash: bytes
) -> Answer | None:
    """The answer that this command got before, or None; holds the command until the end.

    Raises:
        Conflict: `in_flight`, the same command is being worked on now.
        Refused: `idempotency_key_reused`, it came before with another body.
    """
    row = await store.claim_command(connection, tenant_id, scope, command_id)
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
    """Writes what happened, and queues it for every webhook endpoint that asked for it."""
    await store.insert_event(connection, tenant_id, event_type, subject, order_id, data, actor, now)


async def add_endpoint(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, url: str, types: list[str]
) -> tuple[int, str]:
    """A webhook endpoint and its signing secret, which is shown only here.

    Raises:
        Refused: `bad_url`.
    """
    if not _can_be_called(url):
        raise Refused("bad_url", "A webhook endpoint is an http or https address.", "/url")
    secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    endpoint_id = await store.insert_endpoint(connection, tenant_id, shop_id, url, secret, types)
    return endpoint_id, secret


def _can_be_called(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # A port beyond 65535 and a name with an empty or overlong label are found out here.
        named = parts.port != 0 and (parts.hostname or "").encode("idna")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(named) and not set(url) & set(" \t\r\n\\")


def wait_after(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: doubling from half a second to an hour."""
    return timedelta(seconds=min(WAIT_S_MAX, 0.25 * 2 ** min(attempts, 20)))


async def postpone_message(
    connection: asyncpg.Connection, message_id: int, attempts: int, error: str, now: datetime
) -> None:
    """Tries a message again later, or lays it aside as dead after the last attempt."""
    dead_at = now if attempts >= ATTEMPTS_MAX else None
    await store.postpone_message(connection, message_id, now + wait_after(attempts), dead_at, error)


async def postpone_job(
    connection: asyncpg.Connection, job_id: int, attempts: int, error: str, now: datetime
) -> None:
    """Tries a job again later, or lays it aside as dead after the last attempt."""
    dead_at = now if attempts >= ATTEMPTS_MAX else None
    await store.postpone_job(connection, job_id, now + wait_after(attempts), dead_at, error)


try_lock = store.try_lock
claim_messages = store.claim_messages
finish_message = store.finish_message
send = store.insert_messages
enqueue = store.insert_job
claim_jobs = store.claim_jobs
finish_job = store.finish_job
keep_telegram = store.insert_inbox
keep_telegrams = store.insert_inbox_rows
Telegram = store.Telegram

"""A POST as it can be repeated: the same key gets the first answer, and nothing twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.tenants.shop import Shop
from wms.tenants.staff import Staff


@dataclass(frozen=True, slots=True)
class Request:
    """Which shop asks, under which key, and a hash of what was asked."""

    shop: Shop
    key: str
    kind: str
    body_hash: bytes

    @property
    def tenant_id(self) -> int:
        return self.shop.tenant_id

    @property
    def scope(self) -> str:
        return f"shop/{self.shop.shop_id}/{self.kind}"

    @property
    def actor(self) -> str:
        return self.shop.actor


@dataclass(frozen=True, slots=True)
class StaffRequest:
    """Which of the staff asks, under which key; `tenant_id` is 0 where it is no tenant's matter."""

    staff: Staff
    key: str
    kind: str
    body_hash: bytes
    tenant_id: int = 0

    @property
    def scope(self) -> str:
        return f"staff/{self.staff.staff_id}/{self.kind}"

    @property
    def actor(self) -> str:
        return self.staff.actor


async def once(
    connection: asyncpg.Connection,
    request: Request | StaffRequest,
    act: Callable[[], Awaitable[Answer]],
) -> Answer:
    """The first answer to this request: given before, or by `act` now, and kept for repeats.

    What `act` raises undoes the transaction and is not kept. A refusal that shall be given again
    is answered as `Answer.refused(…)`, after which the caller raises it by `Answer.given`, outside
    the transaction.

    Raises:
        Conflict: `in_flight`, the same request is being worked on.
        Refused: `idempotency_key_reused`.
    """
    first = await outbox.first_answer(
        connection, request.tenant_id, request.scope, request.key, request.body_hash
    )
    if first is not None:
        return first
    return await kept(connection, request, await act())


async def kept(
    connection: asyncpg.Connection, request: Request | StaffRequest, answer: Answer
) -> Answer:
    """The answer to a request, which the caller holds, kept for repeats."""
    await outbox.remember(
        connection,
        request.tenant_id,
        request.scope,
        request.key,
        request.kind,
        request.body_hash,
        answer,
        request.actor,
    )
    return answer

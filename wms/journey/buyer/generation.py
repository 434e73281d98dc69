"""Codes that a shop's generator makes: asked for, kept, or given up for a human to look at."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.digital import commands as digital
from wms.digital import queries as digital_rows
from wms.error import Conflict
from wms.journey.claim.supply import ask_delivery
from wms.journey.order.order_view import moment
from wms.orders import commands as orders
from wms.orders import queries as order_rows

ACTOR = "job:digital"
GENERATOR = "digital_generator"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a generator is asked: under one id for a delivery, however often."""

    url: str
    secret: str
    message_id: str
    body: dict[str, object]


async def asked_of_generator(pool: asyncpg.Pool, delivery_id: int) -> Asked | None:
    """The request for a delivery's code; None where it has one or needs none any more."""
    async with staff_transaction(pool) as connection:
        row = await digital_rows.generation_of(connection, delivery_id)
    if row is None or not row["generated"] or row["code_id"] is not None or not row["wanted"]:
        return None
    if row["url"] is None:
        raise Conflict("no_generator", f"{row['sku']} has no generator any more.")
    body: dict[str, object] = {
        "type": "digital.code_wanted",
        "timestamp": moment(row["made_at"]),
        "data": {
            "delivery_id": delivery_id,
            "order_id": row["order_id"],
            "external_order_id": row["external_order_id"],
            "sku": row["sku"],
            "kind": row["digital"],
        },
    }
    return Asked(row["url"], row["secret"], f"code_{delivery_id}", body)


@again_on_deadlock
async def take_generated(
    pool: asyncpg.Pool, delivery_id: int, code: str, valid_until: datetime | None, now: datetime
) -> None:
    """Keeps a code that was made, and lets its order go on; one that comes again changes nothing.

    Raises:
        Refused: `bad_code`, `duplicate_code`.
    """
    async with staff_transaction(pool) as connection:
        asked = await _locked(connection, delivery_id)
        if asked is None or asked["code_id"] is not None:
            return
        await digital.keep_generated(connection, asked, code, valid_until, now)
        if asked["wanted"]:
            await ask_delivery(connection, asked["fulfilment_order_id"], now)


@again_on_deadlock
async def give_up_generated(pool: asyncpg.Pool, delivery_id: int, why: str, now: datetime) -> None:
    """Holds an order whose code nobody makes: lifting the hold asks its generator anew."""
    async with staff_transaction(pool) as connection:
        row = await _locked(connection, delivery_id)
        if row is None or row["code_id"] is not None or not row["wanted"]:
            return
        number = row["fulfilment_order_id"]
        holds = await order_rows.holds_of_order(connection, row["order_id"])
        if any(
            hold["fulfilment_order_id"] == number
            and hold["kind"] == GENERATOR
            and hold["lifted_at"] is None
            for hold in holds
        ):
            return
        reason = f"The generator of {row['sku']} makes no code: {why}"[:500]
        await orders.hold_and_tell(
            connection, number, GENERATOR, reason, ACTOR, now, owned_by="shop"
        )
    log.error("digital_generator_failed", order=row["order_id"], sku=row["sku"], why=why)


async def _locked(connection: asyncpg.Connection, delivery_id: int) -> asyncpg.Record | None:
    """What is asked for a delivery, as it is now that nobody else changes its order."""
    row = await digital_rows.generation_of(connection, delivery_id)
    if row is None:
        return None
    await orders.order_for_update(connection, row["tenant_id"], row["order_id"])
    return await digital_rows.generation_of(connection, delivery_id)

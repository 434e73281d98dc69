"""Keys of shops: made, listed and given up, by the shop itself or by the house."""

from datetime import datetime

import asyncpg

from wms.database.pool import shop_transaction
from wms.database.seal import Personal
from wms.error import Conflict, NotFound, Refused
from wms.journey.request import Request, once
from wms.outbox import commands as outbox
from wms.outbox.command import Answer
from wms.tenants import commands as tenants
from wms.tenants import key_commands as keys
from wms.tenants import queries as tenant_rows
from wms.tenants.scope import checked_scopes, covers
from wms.tenants.shop import KeyWish, Limit, Shop


async def enter_key(
    connection: asyncpg.Connection,
    shop: str,
    scopes: list[str],
    sandbox: bool,
    *,
    tenant: str | None = None,
    owner: str | None = None,
    channel: str | None = None,
    limit: Limit | None = None,
    by: str,
    now: datetime,
) -> str:
    """A key that the house makes, as `wms.tenants.commands.create_key`; its shop is told."""
    text = await tenants.create_key(
        connection,
        shop,
        scopes,
        sandbox,
        tenant=tenant,
        owner=owner,
        channel=channel,
        made_by=by,
        limit=limit,
    )
    made = await tenant_rows.shop_of_key(connection, text)
    assert made is not None
    await _tell(connection, "key.created", made.tenant_id, made.prefix, made.name, by, now)
    return text


async def create_key(
    pool: asyncpg.Pool, request: Request, scopes: list[str], sandbox: bool, now: datetime
) -> Answer:
    """A key that a shop makes for itself, once for each request; it opens no more than its own.

    The text is kept sealed with the answer, for a repeat of this request, and nowhere else.

    Raises:
        Conflict: `in_flight`, `too_many_keys`.
        Refused: `idempotency_key_reused`, `unknown_scope`, `carrier_alone`, `scope_too_wide`,
            `sandbox_key`.
    """
    shop = request.shop
    if shop.sandbox and not sandbox:
        raise Refused("sandbox_key", "A sandbox key makes sandbox keys only.", "/sandbox")
    scopes = checked_scopes(scopes)
    if not covers(shop.scopes, scopes):
        raise Refused(
            "scope_too_wide", "A key gives no more than it has: name fewer scopes.", "/scopes"
        )
    wish = KeyWish(shop.tenant_id, shop.shop_id, shop.name, scopes, sandbox, shop.actor, shop.limit)
    async with shop_transaction(pool, shop.tenant_id) as connection:

        async def make() -> Answer:
            key = await keys.add_key(connection, wish)
            await _tell(
                connection, "key.created", shop.tenant_id, key.prefix, shop.name, shop.actor, now
            )
            said = {"key": key.text, "prefix": key.prefix, "scopes": scopes, "sandbox": sandbox}
            return Answer(201, Personal(said))

        return await once(connection, request, make)


async def shop_keys(pool: asyncpg.Pool, shop: Shop) -> list[asyncpg.Record]:
    """A shop's keys, the oldest first; a sandbox key sees those of the sandbox."""
    async with shop_transaction(pool, shop.tenant_id) as connection:
        rows = await tenant_rows.keys_of(connection, shop.shop_id)
    return [row for row in rows if row["sandbox"] or not shop.sandbox]


async def give_up_key(pool: asyncpg.Pool, shop: Shop, prefix: str, now: datetime) -> None:
    """Revokes a key of the shop; workers notice within two seconds.

    Raises:
        NotFound: `key_not_found`.
        Conflict: `key_in_use`, it is the one that asks.
    """
    if prefix == shop.prefix:
        raise Conflict(
            "key_in_use", "This key asks itself: revoke it with the key that takes its place."
        )
    async with shop_transaction(pool, shop.tenant_id) as connection:
        if shop.sandbox and not await _is_sandbox(connection, shop, prefix):
            raise NotFound("key_not_found", f"There is no key {prefix}.")
        await _revoke(connection, prefix, shop.shop_id, shop.actor, now)


async def revoke_key(connection: asyncpg.Connection, prefix: str, by: str, now: datetime) -> None:
    """Revokes a key of any shop.

    Raises:
        NotFound: `key_not_found`.
    """
    await _revoke(connection, prefix, None, by, now)


async def _is_sandbox(connection: asyncpg.Connection, shop: Shop, prefix: str) -> bool:
    rows = await tenant_rows.keys_of(connection, shop.shop_id)
    return any(row["prefix"] == prefix and row["sandbox"] for row in rows)


async def _revoke(
    connection: asyncpg.Connection, prefix: str, shop_id: int | None, by: str, now: datetime
) -> None:
    row = await keys.revoke_key(connection, prefix, shop_id, by, now)
    if row["revoked_at"] is None:
        await _tell(connection, "key.revoked", row["tenant_id"], prefix, row["shop"], by, now)


async def _tell(
    connection: asyncpg.Connection,
    event_type: str,
    tenant_id: int,
    prefix: str,
    shop: str,
    by: str,
    now: datetime,
) -> None:
    data: dict[str, object] = {"prefix": prefix, "shop": shop}
    await outbox.emit(connection, tenant_id, event_type, f"key/{prefix}", None, data, by, now)

"""Keys made and given up, what each has left of its requests, and wrong PINs counted."""

from datetime import datetime, timedelta

import asyncpg

from wms.error import Conflict, NotFound, Refused
from wms.tenants import key_store
from wms.tenants.scope import checked_scopes
from wms.tenants.shop import KeyWish, NewKey, digest, new_key

KEYS_OF_A_SHOP = 2
# Whoever mistypes is let be; whoever guesses a PIN of four digits needs months for it.
FREE_FAILURES = 5
BRAKE, BRAKE_MAX = timedelta(seconds=30), timedelta(minutes=15)
FORGIVEN = timedelta(days=1)


async def add_key(connection: asyncpg.Connection, wish: KeyWish) -> NewKey:
    """A new key beside at most one other of the shop; its text is kept nowhere.

    Raises:
        Refused: `unknown_scope`, `carrier_alone`, `bad_limit`.
        Conflict: `too_many_keys`.
    """
    scopes = checked_scopes(wish.scopes)
    if wish.limit is not None and (wish.limit.per_s <= 0 or wish.limit.burst < 1):
        raise Refused("bad_limit", "A limit lets at least one request through at a time.")
    key = new_key()
    # Who asks at the same time may take the place that this one saw free; the other may be left.
    for _ in range(KEYS_OF_A_SHOP):
        if await key_store.insert_key(connection, wish, key.prefix, key.secret_hash, scopes):
            return key
    rows = await key_store.keys_of(connection, wish.shop_id)
    carrier = "carrier" in scopes
    standing = ", ".join(
        row["prefix"]
        for row in rows
        if row["revoked_at"] is None
        and row["sandbox"] == wish.sandbox
        and ("carrier" in row["scopes"]) == carrier
    )
    kind = "sandbox keys" if wish.sandbox else "keys"
    raise Conflict(
        "too_many_keys",
        f"{wish.shop} has {KEYS_OF_A_SHOP} {kind}: {standing}. Revoke the one that is no longer "
        "used (`stowline key revoke PREFIX` or DELETE /v1/keys/PREFIX), then make the new one.",
    )


async def revoke_key(
    connection: asyncpg.Connection, prefix: str, shop_id: int | None, by: str, now: datetime
) -> asyncpg.Record:
    """Gives a key up; answers its row. One that was given up before stays as it was.

    `shop_id` None is any shop.

    Raises:
        NotFound: `key_not_found`.
    """
    row = await key_store.key_of_prefix(connection, prefix)
    if row is None or shop_id not in (None, row["shop_id"]):
        raise NotFound("key_not_found", f"There is no key {prefix}.")
    await key_store.revoke_key(connection, row["id"], by, now)
    return row


def brake(failures: int) -> timedelta:
    """How long a badge waits after so many wrong PINs in a row."""
    if failures < FREE_FAILURES:
        return timedelta()
    doublings = min(failures - FREE_FAILURES, 10)
    return min(2.0**doublings * BRAKE, BRAKE_MAX)


async def brake_badge(connection: asyncpg.Connection, badge: str, now: datetime) -> timedelta:
    """How long this badge still has to wait; none goes past it while this transaction runs.

    The attempt counts as a failure at once, until `release_badge` says that it was none.
    """
    row = await key_store.hold_badge(connection, digest(badge), now)
    failures = row["failures"] if now - row["at"] < FORGIVEN else 0
    left: timedelta = row["at"] + brake(failures) - now
    if left > timedelta():
        return left
    await key_store.count_failure(connection, digest(badge), failures + 1, now)
    await key_store.forget_failures(connection, now - FORGIVEN)
    return timedelta()


async def release_badge(connection: asyncpg.Connection, badge: str) -> None:
    """The PIN was right: what was counted is forgotten."""
    await key_store.forget_badge(connection, digest(badge))


note_use = key_store.note_use
take_tokens = key_store.take_tokens

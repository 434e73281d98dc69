"""What changes the vault: codes come in, are made, and go to their one buyer."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wms.database.pool import keyset_of
from wms.database.seal import Personal
from wms.digital import store, vault_store
from wms.digital.digital import NewCode, RefusedCode, check_code, fingerprint
from wms.digital.sample import sample_code, sample_mark
from wms.error import Conflict, NotFound, Refused


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that was bought, with the code that its buyer gets; `code_id` where that is new."""

    delivery_id: int
    sku: str
    name: str
    kind: str
    content: dict[str, object]
    valid_until: datetime | None
    code_id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The units of a fulfilment order whose codes are there, and deliveries whose are being made.

    made: how many codes of an item its generator has made. short: how many are neither there nor
    made.
    """

    units: tuple[Unit, ...]
    asked: tuple[int, ...]
    made: dict[int, int]
    short: int

    @property
    def complete(self) -> bool:
        """Whether there is one for each unit."""
        return not self.asked and not self.short


async def item_of(
    connection: asyncpg.Connection, tenant_id: int, owner_id: int, sku: str
) -> asyncpg.Record:
    """A digital item of an owner.

    Raises:
        NotFound: `unknown_item`.
        Conflict: `not_digital`; `no_warehouse`, there is none yet whose books it could be in.
    """
    item = await vault_store.find_item(connection, tenant_id, owner_id, sku)
    if item is None:
        raise NotFound("unknown_item", f"No item has the SKU {sku!r}.")
    if not item["digital"]:
        raise Conflict("not_digital", f"{sku} is kept and shipped; it has no codes.")
    if item["warehouse_id"] is None:
        raise Conflict("no_warehouse", "There is no warehouse yet.")
    return item


async def add_codes(
    connection: asyncpg.Connection,
    item: asyncpg.Record,
    codes: Sequence[NewCode],
    now: datetime,
) -> list[RefusedCode]:
    """Puts codes into an item's vault, and says which were left out and why."""
    keyset = keyset_of(connection)
    refused: list[RefusedCode] = []
    fresh: dict[bytes, tuple[int, NewCode]] = {}
    for index, new in enumerate(codes):
        try:
            check_code(new.code, item["digital"])
            if new.valid_until is not None and new.valid_until <= now:
                raise Refused("expired_code", "This code is of no use any more.")
        except Refused as refusal:
            refused.append(RefusedCode(index, refusal.code, refusal.detail))
            continue
        known = fingerprint(keyset, item["id"], new.code)
        if known in fresh:
            first = fresh[known][0]
            detail = f"The same code stands in this list at {first}."
            refused.append(RefusedCode(index, "duplicate_code", detail))
        else:
            fresh[known] = (index, new)
    rows = list(fresh.items())
    added = await vault_store.insert_codes(
        connection,
        item["tenant_id"],
        item["id"],
        [known for known, _ in rows],
        [Personal({"code": new.code}) for _, (_, new) in rows],
        [new.valid_until for _, (_, new) in rows],
        now,
    )
    for known, (index, _) in rows:
        if known not in added:
            refused.append(RefusedCode(index, "duplicate_code", "This code came before."))
    return sorted(refused, key=lambda one: one.index)


async def set_generator(
    connection: asyncpg.Connection, item: asyncpg.Record, url: str, quota: int
) -> str:
    """Says where codes of an item are made and how many more may be; the signing secret.

    Raises:
        Conflict: `quota_promised`, more of them are promised.
    """
    secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
    try:
        return await vault_store.set_generator(
            connection, item["tenant_id"], item["id"], url, secret, quota
        )
    except asyncpg.CheckViolationError as error:
        raise _promised(error) from error


async def drop_generator(connection: asyncpg.Connection, item: asyncpg.Record) -> None:
    """Has no more codes of an item made.

    Raises:
        Conflict: `quota_promised`.
    """
    try:
        await vault_store.delete_generator(connection, item["id"])
    except asyncpg.CheckViolationError as error:
        raise _promised(error) from error


def _promised(error: asyncpg.CheckViolationError) -> Exception:
    if error.constraint_name == "availability_never_oversold":
        return Conflict("quota_promised", "More of them are promised to buyers already.", "/quota")
    return error


async def find_codes(
    connection: asyncpg.Connection, fulfilment_order_id: int, now: datetime
) -> Found:
    """Looks for a code for each unit of a fulfilment order, which is locked, and holds them.

    What is not in the vault is made by the item's generator: it is asked first, and the others
    wait for it in the vault.
    """
    await store.insert_deliveries(connection, fulfilment_order_id, now)
    rows = await store.deliveries_of_fulfilment(connection, fulfilment_order_id)
    units = [_unit(row, row) for row in rows if row["code_id"] is not None]
    waiting: dict[int, list[asyncpg.Record]] = {}
    made: dict[int, int] = {}
    for row in rows:
        if row["code_id"] is None:
            waiting.setdefault(row["item_id"], []).append(row)
        elif row["generated"]:
            made[row["item_id"]] = made.get(row["item_id"], 0) + 1
    missing: list[asyncpg.Record] = []
    for item_id, wanted in sorted(waiting.items()):
        codes = await vault_store.lock_free_codes(connection, item_id, len(wanted), now)
        units += [_unit(row, code, code["id"]) for row, code in zip(wanted, codes, strict=False)]
        missing += wanted[len(codes) :]
    items = sorted({row["item_id"] for row in missing})
    generators = await vault_store.generators_of(connection, items) if items else set()
    asked = [row for row in missing if row["item_id"] in generators]
    if fresh := [row["id"] for row in asked if not row["generated"]]:
        await store.mark_generated(connection, fresh)
    return Found(
        tuple(sorted(units, key=lambda unit: unit.delivery_id)),
        tuple(row["id"] for row in asked),
        made,
        len(missing) - len(asked),
    )


async def find_samples(
    connection: asyncpg.Connection, fulfilment_order_id: int, now: datetime
) -> Found:
    """Makes a sample for each unit of a fulfilment order of the sandbox, which is locked.

    They are kept beside the codes, as theirs whom they went to, and were never free: neither the
    vault nor a generator is asked, and nothing that may be sold becomes less.
    """
    await store.insert_deliveries(connection, fulfilment_order_id, now)
    rows = await store.deliveries_of_fulfilment(connection, fulfilment_order_id)
    new = [row for row in rows if row["code_id"] is None]
    if new:
        await vault_store.insert_samples(
            connection,
            [row["id"] for row in new],
            [sample_mark(row["id"]) for row in new],
            [Personal({"code": _sample(row)}) for row in new],
            now,
        )
        rows = await store.deliveries_of_fulfilment(connection, fulfilment_order_id)
    return Found(tuple(_unit(row, row) for row in rows), (), {}, 0)


def _sample(row: asyncpg.Record) -> str:
    return sample_code(row["digital"], row["order_id"], row["fulfilment_line_id"], row["number"])


def _unit(row: asyncpg.Record, code: asyncpg.Record, code_id: int | None = None) -> Unit:
    return Unit(
        row["id"], row["sku"], row["name"], row["digital"], code["content"], code["valid_until"],
        code_id,
    )  # fmt: skip


async def give_codes(connection: asyncpg.Connection, found: Found, now: datetime) -> None:
    """Gives each unit the code that was found for it; their claims are kept before."""
    assert found.complete, "a fulfilment order gets all its codes or none"
    await store.set_delivered(
        connection,
        [unit.delivery_id for unit in found.units],
        [unit.code_id for unit in found.units],
        now,
    )
    for item_id, count in sorted(found.made.items()):
        await vault_store.take_quota(connection, item_id, count)


async def keep_generated(
    connection: asyncpg.Connection,
    asked: asyncpg.Record,
    code: str,
    valid_until: datetime | None,
    now: datetime,
) -> None:
    """Keeps a code that was made for a delivery; it is nobody else's, whatever becomes of this.

    Raises:
        Refused: `bad_code`; `expired_code`; `duplicate_code`, it was made or sold before.
    """
    check_code(code, asked["digital"])
    if valid_until is not None and valid_until <= now:
        raise Refused("expired_code", "The generator made a code that is of no use any more.")
    keyset = keyset_of(connection)
    known = fingerprint(keyset, asked["item_id"], code)
    content = Personal({"code": code})
    added = await vault_store.insert_generated(
        connection, asked["tenant_id"], asked["item_id"], asked["id"], known, content,
        valid_until, now,
    )  # fmt: skip
    if added is None:
        raise Refused("duplicate_code", "The generator made a code that came before.")


lock_delivery = store.lock_delivery
revoke = store.revoke
count_sent = store.count_sent
lock_expired_codes = vault_store.lock_expired_codes
expire_codes = vault_store.expire_codes

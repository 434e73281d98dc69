"""What changes shops, keys and staff."""

from datetime import datetime, timedelta

import asyncpg

from wms.error import Conflict, Refused
from wms.tenants import store
from wms.tenants.key_commands import add_key
from wms.tenants.shop import KeyWish, Limit, digest
from wms.tenants.staff import Role, Staff, hash_pin, new_token, pin_matches

SESSION_LASTS = timedelta(hours=12)
NAME_MAX = 200


async def create_key(
    connection: asyncpg.Connection,
    shop_name: str,
    scopes: list[str],
    sandbox: bool,
    *,
    tenant: str | None = None,
    owner: str | None = None,
    channel: str | None = None,
    made_by: str = "",
    limit: Limit | None = None,
) -> str:
    """A new key of the shop, which is made where it is missing; the text is shown only here.

    A new shop is its own tenant and owns its own goods, where nobody else is named. A channel
    that is named becomes the shop's.

    Raises:
        Refused: `bad_name`, `several_shops` of that name where no tenant is named,
            `unknown_scope`, `carrier_alone`, `bad_limit`.
        Conflict: `shop_has_owner`, the shop sells the goods of another; `too_many_keys`.
    """
    for name in (shop_name, tenant, owner):
        if name is not None and (not name.strip() or len(name) > NAME_MAX):
            raise Refused("bad_name", f"A name has 1 to {NAME_MAX} characters.")
    found = await the_shop_of_name(connection, shop_name, tenant)
    shop = found or await store.insert_shop(
        connection, shop_name, tenant or shop_name, owner or shop_name
    )
    if found is not None and owner is not None and found["owner"] != owner:
        raise Conflict("shop_has_owner", f"{shop_name} sells the goods of {found['owner']}.")
    if channel is not None:
        await store.set_channel(connection, shop["id"], channel)
    wish = KeyWish(shop["tenant_id"], shop["id"], shop_name, scopes, sandbox, made_by, limit)
    return (await add_key(connection, wish)).text


async def the_shop_of_name(
    connection: asyncpg.Connection, name: str, tenant: str | None
) -> asyncpg.Record | None:
    """The one shop of that name, or None; tenants may each have one, so it may take both names.

    Raises:
        Refused: `several_shops`.
    """
    rows = await store.shops_of_name(connection, name, tenant)
    if len(rows) > 1:
        tenants = ", ".join(row["tenant"] for row in rows)
        raise Refused("several_shops", f"{name} is a shop of {tenants}: say which tenant.")
    return rows[0] if rows else None


async def add_staff(
    connection: asyncpg.Connection, name: str, role: Role, badge: str, pin: str
) -> None:
    """Enters one of the staff, or changes who holds the badge.

    Raises:
        Refused: the PIN is not of four digits or more.
    """
    if len(pin) < 4 or not pin.isdigit():
        raise Refused("pin_too_short", "A PIN has at least four digits.")
    await store.insert_staff(connection, name, role, badge, hash_pin(pin))


async def sign_in(
    connection: asyncpg.Connection, badge: str, pin: str, device: str, now: datetime
) -> tuple[str, Staff]:
    """A session for the holder of the badge: its token, and who it is.

    Raises:
        Refused: `sign_in_refused`, for a wrong badge and a wrong PIN alike.
    """
    person = await store.staff_of_badge(connection, badge)
    if person is None or not pin_matches(person["pin_hash"], pin):
        raise Refused("sign_in_refused", "This badge and PIN do not belong together.")
    token = new_token()
    await store.insert_session(connection, digest(token), person["id"], device, now + SESSION_LASTS)
    row = await store.session_of_token(connection, digest(token), now, lock=False)
    assert row is not None
    return token, staff_from(row)


def staff_from(row: asyncpg.Record) -> Staff:
    """One of the staff from a row of their session."""
    return Staff(
        staff_id=row["staff_id"],
        name=row["name"],
        role=Role(row["role"]),
        session_id=row["session_id"],
        device=row["device"],
        scenario=row["scenario"],
        state=row["state"],
        expires_at=row["expires_at"],
        warehouse_id=row["warehouse_id"],
    )


save_session = store.save_session
set_warehouse = store.set_warehouse
set_channel = store.set_channel
set_neutral_sender = store.set_neutral_sender
sign_out = store.end_session

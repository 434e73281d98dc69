"""A buyer mends the address of an order by the link that they were sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from wms.address.address import Checked, check_address
from wms.address.link import Grant, Purpose
from wms.database.pool import staff_transaction
from wms.database.retry import again_on_deadlock
from wms.database.seal import Personal
from wms.error import Conflict, NotFound
from wms.journey.claim.lift import ask_waybill, lift_and_tell
from wms.journey.order.address import KIND, links_of
from wms.journey.order.redate import redate
from wms.journey.order.void import refuse_loaded, remake_waybills
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.fulfilment import OVER, State
from wms.outbox import commands as outbox

ACTOR = "buyer"
REASON = "The buyer has mended the address."
# Until it leaves the house; what is packed gets another label.
MENDABLE = frozenset(
    {
        State.SCHEDULED,
        State.BACKORDERED,
        State.OPEN,
        State.RELEASED,
        State.PICKING,
        State.PICKED,
        State.SORTED,
        State.PACKED,
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the buyer is asked about: which order of which shop, its address and what is wrong.

    `help` is the token of the page on which they may ask a human instead.
    """

    shop: str
    external_order_id: str
    ship_to: dict[str, Any]
    checked: Checked
    language: str
    help: str


async def asked_address(pool: asyncpg.Pool, token: str, now: datetime) -> Asked:
    """What a link asks its buyer.

    Raises:
        NotFound: `unknown_link`, it was not made here.
        Conflict: `link_expired`; `link_settled`, the address is mended or was looked at;
            `order_gone`, it is too late.
    """
    async with staff_transaction(pool) as connection:
        grant = _read(connection, token, now)
        order, _ = await _open(connection, grant, for_update=False)
        shop = await order_rows.shop_name(connection, order["shop_id"])
        help_token = _help(connection, grant)
    ship_to = dict(order["ship_to"])
    checked, language = check_address(ship_to), order["language"]
    return Asked(shop, order["external_order_id"], ship_to, checked, language, help_token)


async def help_instead(pool: asyncpg.Pool, token: str, now: datetime) -> str | None:
    """The token of the page to ask a human, for a buyer whose link has nothing left to mend.

    It ends when the link does. None where the link is none of ours or is over, or its buyer was
    forgotten.
    """
    async with staff_transaction(pool) as connection:
        grant = links_of(connection).read(token, Purpose.ADDRESS)
        if grant is None or now >= grant.expires_at:
            return None
        order = await order_rows.any_order(connection, grant.order_id)
        if order is None or order["erased_at"] is not None:
            return None
        return _help(connection, grant)


def _help(connection: asyncpg.Connection, grant: Grant) -> str:
    links = links_of(connection)
    return links.token(Purpose.HELP, grant.order_id, 0, grant.expires_at)


@again_on_deadlock
async def mend_address(
    pool: asyncpg.Pool, token: str, changed: dict[str, Any], confirmed: bool, now: datetime
) -> Checked | None:
    """Takes the buyer's address and lets the order go on; or what is still doubtful about it.

    What is doubtful changes nothing unless the buyer has confirmed it. Waybills that were made
    for the old address are voided and made anew, and days that were promised are reckoned anew
    where they cannot be kept any more.

    Raises:
        NotFound: `unknown_link`.
        Conflict: `link_expired`, `link_settled`, `order_gone`, `parcel_gone`.
    """
    async with staff_transaction(pool) as connection:
        grant = _read(connection, token, now)
        order, fulfilments = await _open(connection, grant, for_update=True)
        for fulfilment in fulfilments:
            await refuse_loaded(connection, fulfilment["id"])
        checked = check_address(order["ship_to"] | changed)
        if checked.doubts and not confirmed:
            return checked
        await orders.set_address(connection, order["id"], _mended(order["ship_to"], checked))
        promised = await redate(connection, order, fulfilments, checked.normalised, now)
        await outbox.emit(
            connection,
            order["tenant_id"],
            "order.address_fixed",
            f"order/{order['id']}",
            order["id"],
            {
                "order_id": order["id"],
                "external_order_id": order["external_order_id"],
                "confirmed": bool(checked.doubts),
                "delivery": promised,
            },
            ACTOR,
            now,
        )
        for hold in await order_rows.holds_of_order(connection, order["id"]):
            if hold["kind"] == KIND and hold["lifted_at"] is None:
                await lift_and_tell(connection, order["id"], hold["id"], ACTOR, now)
        for fulfilment in fulfilments:
            await _remake_waybills(connection, fulfilment, now)
    return None


def _read(connection: asyncpg.Connection, token: str, now: datetime) -> Grant:
    grant = links_of(connection).read(token, Purpose.ADDRESS)
    if grant is None:
        raise NotFound("unknown_link", "This link is not one of ours, or a part of it is missing.")
    if now >= grant.expires_at:
        raise Conflict("link_expired", "This link has expired.")
    return grant


async def _open(
    connection: asyncpg.Connection, grant: Grant, *, for_update: bool
) -> tuple[asyncpg.Record, list[asyncpg.Record]]:
    """The order of a link, and its fulfilment orders, while the link may still be used."""
    found = await order_rows.fulfilments_of_order(connection, grant.order_id)
    if not found:
        raise NotFound("unknown_link", "There is no such order any more.")
    tenant_id = found[0]["tenant_id"]
    if for_update:
        order = await orders.order_for_update(connection, tenant_id, grant.order_id)
        await orders.lock_fulfilments(connection, [row["id"] for row in found])
        found = await order_rows.fulfilments_of_order(connection, grant.order_id)
    else:
        order = await order_rows.order_of_id(connection, tenant_id, grant.order_id)
    assert order is not None, "a fulfilment order is of an order"
    # What is sent by mail minds no address.
    standing = [row for row in found if row["state"] not in OVER and not row["digital"]]
    if not standing or any(row["state"] not in MENDABLE for row in standing):
        raise Conflict("order_gone", "It is too late: the parcel is on its way, or cancelled.")
    holds = await order_rows.holds_of_order(connection, grant.order_id)
    # The parts of an order are held as one, and may be let go one by one.
    made_at = [hold["made_at"] for hold in holds if hold["id"] == grant.hold_id]
    if not any(
        hold["kind"] == KIND and hold["lifted_at"] is None and hold["made_at"] in made_at
        for hold in holds
    ):
        raise Conflict("link_settled", "The address of this order is settled.")
    return order, standing


def _mended(before: dict[str, Any], checked: Checked) -> Personal:
    """The new address; where goods go otherwise, the old position on the map is none of it."""
    after = {name: value or None for name, value in checked.normalised.items()}
    after |= {"postal_code": checked.normalised["postal_code"], "lines": after["lines"]}
    if any(before.get(name) != after[name] for name in ("lines", "city", "postal_code", "country")):
        after |= {"latitude": None, "longitude": None}
    return Personal(after)


async def _remake_waybills(
    connection: asyncpg.Connection, fulfilment: asyncpg.Record, now: datetime
) -> None:
    """Voids what was made for the old address and makes it anew, or asks for what was not made."""
    if fulfilment["waybill_ready_at"] is None:
        if fulfilment["firm_at"] is not None:
            await ask_waybill(connection, fulfilment["id"], now)
        return
    await remake_waybills(connection, fulfilment["id"], REASON, ACTOR, now)

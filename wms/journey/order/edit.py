"""An order is edited: address, lines, prices, service or the buyer's contact, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from wms.address.link import LOCAL, LinkRule
from wms.address.phone import canonical_phone
from wms.database.pool import keyset_of, shop_transaction, staff_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, NotFound, Refused
from wms.journey.order.admit import refuse_over_limit
from wms.journey.order.balance import settle_edit
from wms.journey.order.edit_desk import Desk, Moved, NotEnough
from wms.journey.order.edit_goods import go_on, move_goods
from wms.journey.order.edit_line import LinePlan, plan_lines
from wms.journey.order.edit_record import edit_view, keep_edit
from wms.journey.order.insert import follow_rules
from wms.journey.order.lock import lock_parts
from wms.journey.order.order_view import order_view
from wms.journey.order.part import owns
from wms.journey.order.readdress import readdress
from wms.journey.order.suspect import hold_suspicious
from wms.journey.order.void import lock_departures
from wms.journey.request import Request, once
from wms.orders import commands as orders
from wms.orders import queries as order_rows
from wms.orders.buyer import buyer_index
from wms.orders.edit import Edit, refuse_gone, refuse_left, refuse_other_currency
from wms.orders.fulfilment import State
from wms.orders.suspicion import SUSPICION, Suspicion
from wms.outbox.command import Answer
from wms.picking import commands as picking
from wms.promise import commands as promise
from wms.tenants.shop import Shop


@again_on_deadlock
async def edit_order(
    pool: asyncpg.Pool,
    request: Request,
    order_id: int,
    edit: Edit,
    version: int | None,
    now: datetime,
    *,
    links: LinkRule = LOCAL,
    suspicion: Suspicion = SUSPICION,
) -> Answer:
    """Changes an order as its shop wants it, all of it or nothing; once for each key.

    `version` is the one that the shop has seen, None whichever it is. What is wanted more is
    claimed with what is given back, so nothing is ever oversold; a demand that is turned away is
    noted. Waybills that became wrong are voided with their labels and made anew.

    Raises:
        NotFound: `unknown_order`.
        Conflict: `stale_version`; `handed_over`, `parcel_gone`, with the way back; `order_over`;
            `in_flight`.
        Refused: `no_change`, `wrong_currency`, `not_available`, `line_picked`,
            `doubtful_address`, as `plan_lines` says it; of a buyer's limit or a sale's queue what
            `admit` says; `idempotency_key_reused`.
    """
    shop = request.shop
    # Reservations and walks are the house's own, so the house acts for the shop.
    async with staff_transaction(pool) as connection:

        async def act() -> Answer:
            order = await _order(connection, shop, order_id, version)
            try:
                async with connection.transaction():
                    return await _edit(connection, shop, order, edit, links, suspicion, now)
            except NotEnough as short:
                await promise.note_refusal(
                    connection,
                    shop.tenant_id,
                    order["external_order_id"],
                    replace(short.claim, admission=await promise.next_admission(connection)),
                    short.channel,
                )
                return Answer.refused(short.refusal)

        answer = await once(connection, request, act)
    return answer.given()


async def order_edits(pool: asyncpg.Pool, shop: Shop, order_id: int) -> list[dict[str, object]]:
    """All edits of a shop's order, the oldest first, each with what it replaced.

    Raises:
        NotFound: `unknown_order`.
    """
    async with shop_transaction(pool, shop.tenant_id) as connection:
        order = await order_rows.order_of_id(connection, shop.tenant_id, order_id)
        if order is None or not owns(shop, order):
            raise NotFound("unknown_order", f"This shop has no order {order_id}.")
        rows = await order_rows.edits_of_order(connection, order_id)
        return [edit_view(row, order["currency"]) for row in rows]


async def _order(
    connection: asyncpg.Connection, shop: Shop, order_id: int, version: int | None
) -> asyncpg.Record:
    order = await orders.order_for_update(connection, shop.tenant_id, order_id)
    if order is None or not owns(shop, order):
        raise NotFound("unknown_order", f"This shop has no order {order_id}.")
    if version is not None and version != order["version"]:
        raise Conflict(
            "stale_version",
            f"Order {order_id} is at version {order['version']} now: look at it again.",
        )
    return order


async def _edit(
    connection: asyncpg.Connection,
    shop: Shop,
    order: asyncpg.Record,
    edit: Edit,
    links: LinkRule,
    suspicion: Suspicion,
    now: datetime,
) -> Answer:
    refuse_other_currency(edit, order["currency"])
    edit = _differing(order, edit)
    fulfilments = await lock_parts(connection, order["id"])
    states = {row["id"]: State(row["state"]) for row in fulfilments}
    refuse_gone(states)
    if edit.readdresses:
        refuse_left({row["id"]: states[row["id"]] for row in fulfilments if not row["digital"]})
    await _lock_goods(connection, edit, [row["id"] for row in fulfilments])
    plan = await plan_lines(connection, shop, order, edit, now)
    if not (plan.told or edit.readdresses or edit.customer is not None):
        raise Refused("no_change", "Nothing of this differs from the order as it is.")
    ship_to: Mapping[str, object] = edit.ship_to or order["ship_to"]
    desk = Desk(connection, order, ship_to, shop.actor, now)
    await refuse_over_limit(connection, shop, order, plan, now)
    moved = await move_goods(desk, plan) if plan.moves_goods else Moved()
    for order_line_id, price in plan.prices:
        await orders.set_price(connection, order_line_id, price)
    total_minor = order["total_minor"] + plan.dearer_minor
    balance_minor = await settle_edit(connection, order, total_minor, moved.grown, shop.actor, now)
    version = await orders.set_edited(
        connection,
        order["id"],
        total_minor,
        balance_minor,
        edit.ship_to,
        edit.customer,
        None
        if edit.customer is None
        else buyer_index(keyset_of(connection), shop.shop_id, edit.customer),
        edit.service,
    )
    if edit.readdresses:
        await readdress(desk, edit, moved.touched, links)
    await follow_rules(desk, moved)
    await go_on(desk, moved)
    await _look_askance(desk, edit, plan, moved, suspicion)
    kept = await keep_edit(desk, edit, plan, total_minor, balance_minor, version)
    return Answer(
        201,
        edit_view(kept, order["currency"])
        | {"order": await order_view(connection, shop, order["id"])},
    )


async def _look_askance(
    desk: Desk, edit: Edit, plan: LinePlan, moved: Moved, suspicion: Suspicion
) -> None:
    """Holds goods that an edit added where they would have been odd in a new order."""
    if plan.wanted is None or plan.facts is None or desk.order["sandbox"]:
        return
    looked_at = replace(
        plan.wanted,
        ship_to=dict(desk.ship_to),
        customer=dict(edit.customer or desk.order["customer"]),
    )
    await hold_suspicious(
        desk.connection,
        looked_at,
        sorted(moved.grown),
        plan.whole,
        suspicion,
        plan.facts.rules,
        desk.actor,
        desk.now,
    )


def _differing(order: asyncpg.Record, edit: Edit) -> Edit:
    """The edit without what the order says already; a telephone number is of where it goes."""
    if edit.customer is not None and edit.customer.get("phone"):
        country = (edit.ship_to or order["ship_to"])["country"]
        phone = canonical_phone(str(edit.customer["phone"]), str(country))
        edit = replace(edit, customer=edit.customer | {"phone": phone})
    return replace(
        edit,
        ship_to=None if edit.ship_to == order["ship_to"] else edit.ship_to,
        customer=None if edit.customer == order["customer"] else edit.customer,
        service=None if edit.service == order["service"] else edit.service,
    )


async def _lock_goods(
    connection: asyncpg.Connection, edit: Edit, fulfilment_order_ids: Sequence[int]
) -> None:
    """Locks the parcels, picks and goods that an edit may change, before anybody is told of it."""
    if edit.readdresses:
        await lock_departures(connection, fulfilment_order_ids)
    if edit.readdresses or edit.lines or edit.added:
        await picking.lock_picks(connection, list(fulfilment_order_ids))

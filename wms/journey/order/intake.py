"""Order in: accepted with a promise on every line, or refused with the reason."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import asyncpg

from wms.address.address import check_address
from wms.address.link import LOCAL, LinkRule
from wms.database.pool import shop_transaction
from wms.database.retry import again_on_deadlock
from wms.error import Conflict, Refused
from wms.journey.order.address import hold_doubtful
from wms.journey.order.admit import Ruled, admit, note_admitted
from wms.journey.order.insert import insert_by_rule
from wms.journey.order.order_view import accepted_view, order_view
from wms.journey.order.quoted import Quoted, take_quote
from wms.journey.order.schedule import schedule, unschedule, waits
from wms.journey.order.source import find_sources, tell_left
from wms.journey.order.suspect import hold_suspicious
from wms.journey.request import Request, kept
from wms.orders import commands as orders
from wms.orders.commands import Accepted, Facts
from wms.orders.hold import APPROVAL, approvals
from wms.orders.line import Line, not_available, read_lines
from wms.orders.making import Days, with_days
from wms.orders.order import NewOrder
from wms.orders.sourcing import Plan
from wms.orders.suspicion import SUSPICION, Suspicion
from wms.outbox.command import Answer
from wms.promise.claim import Claim
from wms.tenants.shop import Shop


@again_on_deadlock
async def place_order(
    pool: asyncpg.Pool,
    request: Request,
    order: NewOrder,
    promise_lasts: timedelta,
    now: datetime,
    *,
    links: LinkRule = LOCAL,
    suspicion: Suspicion = SUSPICION,
) -> Answer:
    """Accepts an order with a promise on all its lines, or says why not; once for each key.

    A refusal is an answer as well: it is kept with the demand that it turned away, and given
    again for the same key.

    Raises:
        Conflict: `in_flight`, or `order_differs` where the shop's order number came before with
            another body.
        Refused: `unknown_item`, `wrong_unit`, `bad_quantity`, `empty_bundle`, `amount_too_large`,
            `contradictory_wish`, `not_available`, `idempotency_key_reused`; of a quote
            `unknown_quote`, `unknown_option`, `quote_expired`, `quote_differs`; of a buyer's limit
            or a sale's queue what `admit` says.
    """
    shop = request.shop
    async with shop_transaction(pool, shop.tenant_id) as connection:
        found = await orders.claim_and_look_up(
            connection, shop, order, request.scope, request.key, request.body_hash
        )
        if isinstance(found, Answer):
            answer = found
        else:
            until = now + promise_lasts
            placed = await _place(connection, shop, order, found, until, links, suspicion, now)
            answer = await kept(connection, request, placed)
    return answer.given()


async def _place(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    facts: Facts,
    promise_expires_at: datetime,
    links: LinkRule,
    suspicion: Suspicion,
    now: datetime,
) -> Answer:
    if facts.known is not None:
        return await _known(connection, shop, order, *facts.known)
    try:
        wanted = await _read(connection, shop, order, facts, now)
    except Refused as refusal:
        await orders.refuse_twin(connection, shop, order)
        return Answer.refused(refusal)
    wanted, plan = await _plan(connection, shop, wanted, now)
    accepted = await _accept(connection, shop, wanted, plan, promise_expires_at, now)
    if isinstance(accepted, Claim):
        return await _refuse(connection, shop, wanted, accepted, now)
    assert isinstance(plan, Plan), "what is accepted was planned"
    await tell_left(connection, shop, wanted.order, wanted.lines, plan, accepted, now)
    held = await _hold(connection, shop, wanted, plan, accepted, links, suspicion, now)
    if wanted.quoted is not None:
        await orders.set_delivery(connection, accepted.order_id, wanted.quoted.delivery)
    await note_admitted(connection, shop, wanted.order, accepted.order_id, wanted.ruled, now)
    more = await _add(connection, shop, wanted, accepted.order_id, promise_expires_at, now)
    plain = not (held or more or wanted.days.any or wanted.quoted or accepted.claim.backordered)
    if not (plain and plan.plain):
        return Answer(201, await order_view(connection, shop, accepted.order_id))
    expires_at = None if shop.sandbox else promise_expires_at
    order, lines = wanted.order, wanted.lines
    return Answer(201, accepted_view(shop, order, facts, lines, plan, accepted, expires_at, now))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An order as it is read: its lines, the quote that it keeps to, and days that are not yet."""

    order: NewOrder
    facts: Facts
    lines: tuple[Line, ...]
    quoted: Quoted | None
    days: Days
    ruled: Ruled | None = None


async def _read(
    connection: asyncpg.Connection, shop: Shop, order: NewOrder, facts: Facts, now: datetime
) -> _Wanted:
    order.refuse_huge_total()
    order.refuse_contradiction()
    lines = read_lines(order.lines, facts.items)
    quoted = None
    if order.quote_id is not None:
        quoted = await take_quote(connection, shop, order, facts, lines, now)
        order, facts = quoted.order, quoted.facts
    ruled = await admit(connection, shop, order, facts, lines, now)
    return _Wanted(order, facts, lines, quoted, Days(), ruled)


async def _add(
    connection: asyncpg.Connection,
    shop: Shop,
    wanted: _Wanted,
    order_id: int,
    promise_expires_at: datetime,
    now: datetime,
) -> bool:
    """What goes with the order: words of whoever buys or gives, what rules add; whether any."""
    order = wanted.order
    words = {
        number: line.gift_message
        for number, line in enumerate(order.lines, start=1)
        if line.gift_message
    }
    if words or order.gift_message:
        await orders.set_gift_messages(connection, order_id, order.gift_message, words)
    if order.buyer_note:
        await orders.set_buyer_note(connection, order_id, order.buyer_note)
    if not wanted.facts.rules.get("inserts"):
        return bool(words or order.gift_message or order.buyer_note)
    country = str(order.ship_to["country"])
    await insert_by_rule(connection, shop, order_id, country, promise_expires_at, now)
    return True


async def _plan(
    connection: asyncpg.Connection, shop: Shop, wanted: _Wanted, now: datetime
) -> tuple[_Wanted, Plan | Claim]:
    """Where it ships from and, of what is not made or sold yet, from when on."""
    order, facts, lines = wanted.order, wanted.facts, wanted.lines
    days = Days()
    if waits(lines, now):
        order, days = await schedule(connection, shop, order, facts, lines, now)
        wanted = replace(wanted, order=order, days=days)
    plan = await find_sources(connection, shop, order, facts, lines)
    if days.any and isinstance(plan, Plan):
        plan = with_days(plan, days, order.fulfilment)
    return wanted, plan


async def _accept(
    connection: asyncpg.Connection,
    shop: Shop,
    wanted: _Wanted,
    plan: Plan | Claim,
    promise_expires_at: datetime,
    now: datetime,
) -> Accepted | Claim:
    if isinstance(plan, Claim):
        return plan
    order, facts, lines = wanted.order, wanted.facts, wanted.lines
    return await orders.accept(connection, shop, order, facts, lines, plan, promise_expires_at, now)


async def _refuse(
    connection: asyncpg.Connection, shop: Shop, wanted: _Wanted, claim: Claim, now: datetime
) -> Answer:
    await orders.refuse_twin(connection, shop, wanted.order)
    await unschedule(connection, shop, wanted.order, wanted.days, now)
    short = {row.item_id: (row.wanted, row.available) for row in claim.short}
    return Answer.refused(not_available(wanted.lines, short))


async def _hold(
    connection: asyncpg.Connection,
    shop: Shop,
    wanted: _Wanted,
    plan: Plan,
    accepted: Accepted,
    links: LinkRule,
    suspicion: Suspicion,
    now: datetime,
) -> bool:
    """Keeps back what somebody has to look at; whether there is such."""
    order, lines, rules = wanted.order, wanted.lines, wanted.facts.rules
    held = await _hold_for_approval(connection, plan, accepted, lines, shop.actor, now)
    held |= await hold_suspicious(
        connection,
        order,
        accepted.fulfilment_order_ids,
        lines,
        suspicion,
        rules,
        shop.actor,
        now,
    )
    return held | await _hold_for_address(connection, shop, order, plan, accepted, links, now)


async def _known(
    connection: asyncpg.Connection, shop: Shop, order: NewOrder, order_id: int, body_hash: bytes
) -> Answer:
    if body_hash != order.body_hash:
        raise Conflict(
            "order_differs",
            f"Order {order.external_order_id} came before with another body.",
            "/external_order_id",
        )
    return Answer(200, await order_view(connection, shop, order_id))


async def _hold_for_address(
    connection: asyncpg.Connection,
    shop: Shop,
    order: NewOrder,
    plan: Plan,
    accepted: Accepted,
    links: LinkRule,
    now: datetime,
) -> bool:
    parts = zip(plan.parts, accepted.fulfilment_order_ids, strict=True)
    checked = check_address(order.ship_to) if order.ship_to else None
    if checked is None or not checked.doubts:
        return False
    await hold_doubtful(
        connection,
        accepted.order_id,
        shop.tenant_id,
        order.external_order_id,
        [number for part, number in parts if not part.digital],
        checked,
        links,
        shop.actor,
        now,
    )
    return True


async def _hold_for_approval(
    connection: asyncpg.Connection,
    plan: Plan,
    accepted: Accepted,
    lines: tuple[Line, ...],
    actor: str,
    now: datetime,
) -> bool:
    needs = [line for line in lines if line.item.needs_approval]
    for part, number in zip(plan.parts, accepted.fulfilment_order_ids, strict=True):
        found = (
            (line.item.sku, line.item.approvals) for line in needs if line.number in part.units
        )
        for one in approvals(found):
            await orders.hold_and_tell(
                connection,
                number,
                APPROVAL,
                one.reason,
                actor,
                now,
                owned_by=one.care.owned_by,
                lasts=one.care.lasts,
            )
    return bool(needs)

"""What another shop system says of an order is carried out, in whatever order it comes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.items import queries as item_rows
from wms.items.item import canonical_sku
from wms.journey.order.intake import place_order
from wms.journey.request import Request
from wms.journey.shop import foreign_step as steps
from wms.journey.shop.connector import Connector, connector_from
from wms.journey.shop.foreign_desk import Desk, Rules
from wms.journey.shop.foreign_step import Came
from wms.orders import connector_commands as connectors
from wms.orders import connector_queries as rows
from wms.orders.connector import DeliveryState, Heard, shipped_here, told_by_title
from wms.orders.order import NewOrder
from wms.outbox import commands as outbox
from wms.outbox.command import body_hash
from wms.tenants.shop import Shop

Translate = Callable[[Connector, str, str], Heard]
CANCELLED_BEFORE = "cancelled before it came"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message: what was done, in words that say nothing of persons, and why not."""

    state: DeliveryState
    order_id: int | None
    did: tuple[str, ...] = ()
    trouble: Refused | Conflict | None = None

    def said(self) -> dict[str, object]:
        """As it is kept."""
        told: dict[str, object] = {"did": list(self.did)}
        if self.trouble is not None:
            told |= {"code": self.trouble.code, "detail": self.trouble.detail}
            told["pointer"] = self.trouble.pointer
        return told


async def carry_out(
    pool: asyncpg.Pool,
    delivery_id: int,
    translate: Translate,
    rules: Rules,
    now: datetime,
    *,
    alone: bool = False,
    refused_too: bool = True,
) -> Outcome | None:
    """Carries a kept message out, and what waited for its order, unless it goes alone.

    Whatever came before, after or twice: each fact counts once. A refusal is kept and told, and
    the message can be carried out again, unless only what still waits is. None where there is
    nothing left to do.

    Raises:
        Conflict: `in_flight`, somebody else is at it.
    """
    async with staff_transaction(pool) as connection:
        row = await connectors.begin_delivery(connection, delivery_id, refused_too)
        found = None if row is None else await rows.connector_of_id(connection, row["connector_id"])
    if row is None or found is None:
        return None
    connector = connector_from(found)
    try:
        heard = translate(connector, row["topic"], row["body"]["text"])
        key = f"connector-delivery/{delivery_id}/{row['attempts']}"
        outcome = await _settle(Desk(pool, connector, heard, rules, key, now))
    except (Refused, Conflict) as trouble:
        if trouble.code == "in_flight":
            raise
        outcome = Outcome(DeliveryState.REFUSED, row["order_id"], (), trouble)
    await _end(pool, connector, row, outcome, now)
    if outcome.order_id is not None and not alone:
        await _follow(pool, connector, row, translate, rules, now)
    return outcome


async def _end(
    pool: asyncpg.Pool,
    connector: Connector,
    row: asyncpg.Record,
    outcome: Outcome,
    now: datetime,
) -> None:
    async with staff_transaction(pool) as connection:
        await connectors.end_delivery(
            connection, row["id"], outcome.state, outcome.said(), outcome.order_id, now
        )
        told_before = row["state"] == DeliveryState.REFUSED and (
            row["outcome"].get("code") == outcome.said().get("code")
        )
        if outcome.state is not DeliveryState.REFUSED or told_before:
            return
        await outbox.emit(
            connection,
            connector.shop.tenant_id,
            "connector.refused",
            f"connector/{connector.number}",
            outcome.order_id,
            {
                "connector_id": connector.number,
                "message_id": row["id"],
                "topic": row["topic"],
                "their_id": row["their_id"],
                **outcome.said(),
            },
            connector.shop.actor,
            now,
        )


async def _follow(
    pool: asyncpg.Pool,
    connector: Connector,
    row: asyncpg.Record,
    translate: Translate,
    rules: Rules,
    now: datetime,
) -> None:
    """Carries out what came before its order could be placed."""
    async with staff_transaction(pool) as connection:
        found = await rows.open_deliveries(connection, connector.number, row["their_id"])
    for other in found:
        if other["id"] != row["id"]:
            await carry_out(pool, other["id"], translate, rules, now, alone=True)


async def _settle(desk: Desk) -> Outcome:
    known = await desk.known()
    came = Came()
    if known is None or known["order_id"] is None:
        why = await _why_not(desk, known)
        if why is not None:
            return why
        placed = await _place(desk)
        if placed is None:
            return Outcome(DeliveryState.DONE, None, ("nothing to ship",))
        came.did.append("placed")
        known = await desk.note(placed)
    order_id: int = known["order_id"]
    shop = replace(desk.connector.shop, sandbox=known["sandbox"])
    await steps.pay(desk, shop, order_id, came)
    await steps.refund(desk, shop, order_id, came)
    await _go_on(desk, shop, known, came)
    state = DeliveryState.DONE if came.trouble is None else DeliveryState.REFUSED
    return Outcome(state, order_id, tuple(came.did), came.trouble)


async def _go_on(desk: Desk, shop: Shop, known: asyncpg.Record, came: Came) -> None:
    """Cancels an order that they cancelled, else follows what they changed."""
    order_id, placed_now = known["order_id"], "placed" in came.did
    # They may have cancelled it while it was being placed.
    if desk.heard.cancelled is not None or (placed_now and known["cancelled_at"] is not None):
        await desk.note(order_id)
        try:
            await steps.cancel(desk, shop, order_id, desk.heard.cancelled or CANCELLED_BEFORE)
        except (Refused, Conflict) as refusal:
            came.refuse(refusal)
        else:
            came.did.append("cancelled")
    elif known["state"] == "cancelled" and _stands_again(desk.heard, known):
        came.refuse(
            Conflict(
                "cancelled_here",
                "It was cancelled, and stands again in the shop: POST /v1/orders places it anew, "
                "under another number.",
            )
        )
    elif not placed_now:
        await steps.change(desk, shop, known, came)


def _stands_again(heard: Heard, known: asyncpg.Record) -> bool:
    """Whether this message takes back the cancellation that is known."""
    if known["cancelled_at"] is None or heard.cancelled is not None:
        return False
    newer = (
        heard.updated_at is not None
        and known["updated_at"] is not None
        and heard.updated_at > known["updated_at"]
    )
    return heard.restored or (heard.revocable and newer)


async def _why_not(desk: Desk, known: asyncpg.Record | None) -> Outcome | None:
    """What becomes of a message whose order is not here and is not to be placed now."""
    heard = desk.heard
    if heard.cancelled is not None:
        # Whoever places it meanwhile finds this, or is found here.
        now_known = await desk.note(None)
        if now_known["order_id"] is None:
            return Outcome(DeliveryState.DONE, None, (CANCELLED_BEFORE,))
        return None
    if known is not None and known["cancelled_at"] is not None:
        if not _stands_again(heard, known):
            return Outcome(DeliveryState.DONE, None, (CANCELLED_BEFORE,))
        async with staff_transaction(desk.pool) as connection:
            await connectors.restore_their_order(connection, desk.connector.number, heard.their_id)
    if heard.over is not None:
        return Outcome(DeliveryState.DONE, None, (heard.over,))
    if heard.order is None:
        awaited = Conflict("order_awaited", f"Order {heard.their_id} has not come yet.")
        return Outcome(DeliveryState.WAITING, None, (), awaited)
    if isinstance(heard.order, Refused):
        raise heard.order
    return None


async def _place(desk: Desk) -> int | None:
    """Our number of the order, None where nothing of it is shipped from here."""
    heard, shop = desk.heard, desk.connector.shop
    if not isinstance(heard.order, NewOrder):
        known = await desk.known()
        assert known is not None and known["order_id"] is not None
        return int(known["order_id"])
    shipped = shipped_here(heard.order, heard.lines, await _digital(desk, heard))
    if shipped is None:
        return None
    # Of an order of theirs there is one here, however much of it they changed since.
    digest = body_hash(["connector", desk.connector.number, heard.their_id])
    order, lines = replace(shipped[0], body_hash=digest), shipped[1]
    shop = replace(shop, sandbox=shop.sandbox or heard.sandbox)
    try:
        answer = await place_order(
            desk.pool,
            Request(shop, f"{desk.key}/place", "connector", digest),
            order,
            desk.rules.promise_lasts,
            desk.now,
            links=desk.rules.links,
            suspicion=desk.rules.suspicion,
        )
    except Refused as refusal:
        raise told_by_title(refusal, lines) from refusal
    return int(str(answer.body["id"]))


async def _digital(desk: Desk, heard: Heard) -> set[str]:
    """Which of the SKUs that they do not ship are digital goods of ours."""
    skus = {line.sku for line in heard.lines if not line.ships}
    if not skus:
        return set()
    async with staff_transaction(desk.pool) as connection:
        found = await item_rows.items_of_skus(
            connection, desk.connector.shop.owner_id, sorted(map(canonical_sku, skus))
        )
    digital = {item["sku"] for item in found if item["digital"]}
    return {sku for sku in skus if canonical_sku(sku) in digital}

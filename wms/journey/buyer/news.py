"""Buyers are told: what happened to their order becomes a mail, once for each cause."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from wms.bins import queries as bins
from wms.database.pool import staff_transaction
from wms.journey.claim.supply import WAITS_FOR_GOODS
from wms.language import language_of, said_date, said_money
from wms.notice import commands as notices
from wms.notice import queries as notice_rows
from wms.notice.notice import OF_EVENT, ONCE, Kind
from wms.orders import queries as order_rows
from wms.outbox import queries as outbox
from wms.shipping import queries as shipping

AT_ONCE = 200


async def tell_buyers(pool: asyncpg.Pool, now: datetime) -> int:
    """Makes mails of what has happened since, for each shop that wants it so; how many.

    The cursor moves on in the transaction that queues them, so none is left out and none doubled.
    """
    queued = 0
    async with staff_transaction(pool) as connection:
        shops = await notice_rows.shops_with_notices(connection)
    for shop_id in shops:
        while True:
            more, made = await _tell_of_shop(pool, shop_id, now)
            queued += made
            if not more:
                break
    return queued


async def _tell_of_shop(pool: asyncpg.Pool, shop_id: int, now: datetime) -> tuple[bool, int]:
    async with staff_transaction(pool) as connection:
        choice = await notices.lock_choice(connection, shop_id)
        if choice is None:
            return False, 0
        kinds = [Kind(kind) for kind in choice["kinds"]]
        types = [name for name, kind in OF_EVENT.items() if kind in kinds]
        page = await outbox.events_after(
            connection,
            choice["tenant_id"],
            shop_id,
            (choice["after_xid"], choice["after_seq"]),
            AT_ONCE,
            outbox.Chosen(types),
        )
        made = 0
        for event in page.rows:
            made += await _tell(connection, event, choice["name"], now)
        if page.next != (choice["after_xid"], choice["after_seq"]):
            await notices.move_cursor(connection, shop_id, page.next)
        return len(page.rows) == AT_ONCE, made


async def _tell(
    connection: asyncpg.Connection, event: asyncpg.Record, shop: str, now: datetime
) -> bool:
    kind = OF_EVENT[event["type"]]
    order = await order_rows.any_order(connection, event["order_id"])
    if order is None or order["sandbox"] or order["erased_at"] is not None:
        return False
    facts = await _facts(connection, kind, event, order)
    if facts is None:
        return False
    cause = "order" if kind in ONCE else f"event/{event['seq']}"
    queued = await notices.queue(connection, order, kind, cause, facts, now)
    return queued is not None


async def _facts(
    connection: asyncpg.Connection, kind: Kind, event: asyncpg.Record, order: asyncpg.Record
) -> dict[str, Any] | None:
    """What a mail of that kind has to say of an event; None where it is no news to the buyer."""
    data, language = event["data"], language_of(order["language"])
    zone = await _zone(connection, order["id"])

    def day(said: object) -> str:
        return "" if said is None else said_date(_local(str(said), zone).date(), language)

    match kind:
        case Kind.ACCEPTED:
            delivery = order["delivery"] or {}
            lines = await order_rows.lines_of_order(connection, order["id"])
            dates = [line["expected_at"] for line in lines if line["expected_at"]]
            expected = max(dates).isoformat() if dates else None
            return {"date": day(delivery.get("latest")), "expected": day(expected)}
        case Kind.SHIPPED:
            number = data["fulfilment_order_id"]
            fulfilment = await order_rows.fulfilment_summary(connection, number)
            if fulfilment["digital"]:
                return None
            return {"tracking": await shipping.tracking_of_fulfilment(connection, number)}
        case Kind.DELAYED:
            if event["type"] == "order.held" and data.get("kind") != WAITS_FOR_GOODS:
                return None
            expected = data.get("expected_at") or await _expected(connection, order["id"])
            return {"expected": day(expected)}
        case Kind.ARRIVING:
            eta = data.get("eta")
            if eta is None:
                return None
            return {
                "date": day(eta["expected"]),
                "earliest": f"{_local(eta['earliest'], zone):%H:%M}",
                "latest": f"{_local(eta['latest'], zone):%H:%M}",
                "tracking": data["tracking_numbers"],
            }
        case Kind.DELIVERED:
            tracking = data.get("tracking_number")
            delivered = data.get("delivered_at") or event["occurred_at"].isoformat()
            return {"date": day(delivered), "tracking": [tracking] if tracking else []}
        case Kind.CANCELLED:
            return {} if order["state"] == "cancelled" else None
        case Kind.ADDRESS:
            return {"link": data["link"], "date": day(data.get("expires_at"))}
        case Kind.REFUND:
            return {"amount": _money(data.get("amount"), language)}
        case Kind.DIGITAL_REVOKED:
            return {"items": [data["name"]], "reason": data["reason"]}
        case _:
            return None


async def _zone(connection: asyncpg.Connection, order_id: int) -> ZoneInfo:
    """The clock that an order's moments are told by: that of its first warehouse."""
    fulfilments = await order_rows.fulfilments_of_order(connection, order_id)
    if not fulfilments:
        return ZoneInfo("UTC")
    warehouse = await bins.warehouse_of_id(connection, fulfilments[0]["warehouse_id"])
    return ZoneInfo(warehouse["time_zone"])


async def _expected(connection: asyncpg.Connection, order_id: int) -> str | None:
    dates = [
        line["expected_at"]
        for line in await order_rows.lines_of_order(connection, order_id)
        if line["expected_at"]
    ]
    return max(dates).isoformat() if dates else None


def _local(said: str, zone: ZoneInfo) -> datetime:
    at = datetime.fromisoformat(said)
    return at if at.tzinfo is None else at.astimezone(zone)


def _money(amount: dict[str, Any] | None, language: str) -> str:
    if not amount:
        return ""
    return said_money(int(amount["amount_minor"]), str(amount["currency"]), language)

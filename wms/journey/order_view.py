"""One order with everything that is known of it, as shops and screens read it."""

from datetime import datetime

import asyncpg

from wms.error import NotFound
from wms.orders import queries as orders
from wms.outbox import queries as outbox
from wms.shipping import queries as shipping
from wms.tenants.shop import Shop


async def order_view(
    connection: asyncpg.Connection, shop: Shop, order_id: int, *, timeline: bool = False
) -> dict[str, object]:
    """A shop's order with its lines, promises, fulfilment orders, holds and parcels.

    Raises:
        NotFound: `unknown_order`.
    """
    order = await orders.order_of_id(connection, shop.tenant_id, order_id)
    if order is None or order["shop_id"] != shop.shop_id:
        raise NotFound("unknown_order", f"This shop has no order {order_id}.")
    lines = await orders.lines_of_order(connection, order_id)
    fulfilments = await orders.fulfilments_of_order(connection, order_id)
    view: dict[str, object] = {
        "id": order_id,
        "external_order_id": order["external_order_id"],
        "state": order["state"],
        "payment_state": order["payment_state"],
        "admission": order["admission"],
        "placed_at": moment(order["placed_at"]),
        "received_at": moment(order["received_at"]),
        "paid_at": moment(order["paid_at"]),
        "promise_expires_at": moment(
            min((x["promise_expires_at"] for x in lines if x["promise_expires_at"]), default=None)
        ),
        "total": money(order["total_minor"], order["currency"]),
        "customer": order["customer"] or None,
        "ship_to": order["ship_to"],
        "service": order["service"],
        "sandbox": order["sandbox"],
        "lines": [_line(line, order["currency"]) for line in lines],
        "fulfilment_orders": [_fulfilment(row) for row in fulfilments],
        "holds": [_hold(row) for row in await orders.holds_of_order(connection, order_id)],
        "parcels": [_parcel(row) for row in await shipping.waybills_of_order(connection, order_id)],
    }
    if timeline:
        events = await outbox.events_of_order(connection, order_id)
        view["timeline"] = [
            {
                "at": moment(event["occurred_at"]),
                "type": event["type"],
                "actor": event["actor"],
                "data": event["data"],
            }
            for event in events
        ]
    return view


def moment(at: datetime | None) -> str | None:
    """A moment in RFC 3339, or nothing."""
    return None if at is None else at.isoformat()


def money(amount_minor: int, currency: str) -> dict[str, object]:
    """Money as the border speaks it."""
    return {"amount_minor": amount_minor, "currency": currency}


def _line(line: asyncpg.Record, currency: str) -> dict[str, object]:
    return {
        "line": line["line"],
        "sku": line["sku"],
        "name": line["name"],
        "quantity": line["quantity"],
        "unit_price": money(line["unit_price_minor"], currency),
        "promise": line["promise"],
        "picked": line["picked"],
        "packed": line["packed"],
    }


def _fulfilment(row: asyncpg.Record) -> dict[str, object]:
    clocks = (
        "firm_at",
        "waybill_ready_at",
        "pickup_requested_at",
        "released_at",
        "picked_at",
        "sorted_at",
        "packed_at",
        "handed_over_at",
    )
    return {
        "id": row["id"],
        "warehouse": row["warehouse"],
        "state": row["state"],
        "version": row["version"],
    } | {clock: moment(row[clock]) for clock in clocks}


def _hold(row: asyncpg.Record) -> dict[str, object]:
    return {
        "id": row["id"],
        "fulfilment_order_id": row["fulfilment_order_id"],
        "kind": row["kind"],
        "reason": row["reason"],
        "owned_by": row["owned_by"],
        "until": moment(row["until"]),
        "lifted_at": moment(row["lifted_at"]),
    }


def _parcel(row: asyncpg.Record) -> dict[str, object]:
    return {
        "id": row["parcel_id"],
        "number": row["number"],
        "carton": row["carton_code"],
        "state": row["parcel_state"],
        "mass_g": row["mass_g"],
        "sscc": row["sscc"],
        "tracking_number": row["tracking_number"],
        "carrier": row["carrier"],
        "waybill_state": row["waybill_state"],
        "waybill_ready_at": moment(row["made_at"]),
        "pickup_requested_at": moment(row["told_at"]),
        "label_printed_at": moment(row["label_printed_at"]),
        "carrier_accepted_at": moment(row["carrier_accepted_at"]),
    }

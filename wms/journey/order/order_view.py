"""One order with everything that is known of it, as shops and screens read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from wms.digital.digital import without_codes
from wms.error import NotFound
from wms.orders import queries as orders
from wms.orders.commands import Accepted, Facts
from wms.orders.edit import current_minor
from wms.orders.line import Line, in_unit
from wms.orders.order import NewOrder
from wms.orders.sourcing import Plan
from wms.outbox import queries as outbox
from wms.shipping import queries as shipping
from wms.tenants.shop import Shop

# A row of the database, or what one would hold.
Row = asyncpg.Record | Mapping[str, Any]
CLOCKS = (
    "firm_at",
    "waybill_ready_at",
    "pickup_requested_at",
    "at_risk_at",
    "released_at",
    "picked_at",
    "sorted_at",
    "packed_at",
    "handed_over_at",
)


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
    view = await view_of_order(connection, order)
    if timeline:
        events = await outbox.events_of_order(connection, order_id)
        view["timeline"] = [
            {
                "at": moment(event["occurred_at"]),
                "type": event["type"],
                "actor": event["actor"],
                "data": without_codes(event["data"]),
            }
            for event in events
        ]
    return view


async def view_of_order(connection: asyncpg.Connection, order: asyncpg.Record) -> dict[str, object]:
    """An order as it stands, without its timeline."""
    return _view(
        order,
        await orders.lines_of_order(connection, order["id"]),
        await orders.fulfilments_of_order(connection, order["id"]),
        await orders.portions_of_order(connection, order["id"]),
        await orders.holds_of_order(connection, order["id"]),
        await shipping.waybills_of_order(connection, order["id"]),
        await orders.payments_of_order(connection, order["id"]),
        await orders.touches_of_order(connection, order["id"]),
    )


def accepted_view(
    shop: Shop,
    new: NewOrder,
    facts: Facts,
    lines: tuple[Line, ...],
    plan: Plan,
    accepted: Accepted,
    promise_expires_at: datetime | None,
    now: datetime,
) -> dict[str, object]:
    """The view of an order that was accepted just now, all of it from stock and free of holds.

    It is what `order_view` would read, without reading it.
    """
    order: Row = {
        "id": accepted.order_id,
        "external_order_id": new.external_order_id,
        "version": 1,
        "state": "accepted",
        "payment_state": "pending",
        "admission": accepted.claim.admission,
        "placed_at": new.placed_at,
        "received_at": now,
        "paid_at": None,
        "total_minor": new.total_minor,
        "currency": new.currency,
        "customer": new.customer,
        "ship_to": new.ship_to,
        "service": new.service,
        "channel": facts.channel,
        "backorder": new.backorder,
        "fulfilment": new.fulfilment.value,
        "language": new.language,
        "sandbox": shop.sandbox,
        "refunded_minor": 0,
        "short_minor": 0,
        "delivery": None,
        "gift_message": None,
        "buyer_note": None,
    }
    [part], [number] = plan.parts, accepted.fulfilment_order_ids
    fulfilment: Row = dict.fromkeys(CLOCKS) | {
        "id": number,
        "warehouse": next(
            source.code for source in facts.sources if source.warehouse_id == part.warehouse_id
        ),
        "source_reason": part.reason,
        "state": "open",
        "version": 1,
        "due_at": None,
    }
    portions: list[Row] = [
        {"fulfilment_order_id": number, "line": line.number, "quantity": line.quantity}
        for line in lines
    ]
    state = "none" if promise_expires_at is None else "open"
    rows = [_new_line(line, state, promise_expires_at) for line in lines]
    return _view(order, rows, [fulfilment], portions, [], [])


def _new_line(line: Line, state: str, promise_expires_at: datetime | None) -> Row:
    return {
        "line": line.number,
        "sku": line.item.sku,
        "name": line.item.name,
        "item_unit": line.item.unit,
        "scale": line.item.scale,
        "unit": line.unit,
        "factor": line.factor,
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price_minor,
        "shelf_life_min_days": line.shelf_life_min_days,
        "cancelled": 0,
        "promise": state,
        "promise_expires_at": promise_expires_at,
        "expected_at": None,
        "picked": 0,
        "packed": 0,
        "gift_message": None,
        "inserted_by": None,
        "insert_kind": None,
    }


def _view(
    order: Row,
    lines: Sequence[Row],
    fulfilments: Sequence[Row],
    portions: Sequence[Row],
    holds: Sequence[Row],
    parcels: Sequence[Row],
    payments: Sequence[Row] = (),
    touches: int = 0,
) -> dict[str, object]:
    return {
        "id": order["id"],
        "external_order_id": order["external_order_id"],
        "version": order["version"],
        "state": order["state"],
        "payment_state": order["payment_state"],
        "admission": order["admission"],
        "placed_at": moment(order["placed_at"]),
        "received_at": moment(order["received_at"]),
        "paid_at": moment(order["paid_at"]),
        "promise_expires_at": moment(
            min((x["promise_expires_at"] for x in lines if x["promise_expires_at"]), default=None)
        ),
        "expected_at": moment(
            max((x["expected_at"] for x in lines if x["expected_at"]), default=None)
        ),
        "total": money(order["total_minor"], order["currency"]),
        "current_total": money(_current_minor(order), order["currency"]),
        "refunded": money(order["refunded_minor"], order["currency"]),
        "payments": [_payment(row) for row in payments],
        "customer": order["customer"] or None,
        "ship_to": order["ship_to"],
        "service": order["service"],
        "channel": order["channel"],
        "backorder": order["backorder"],
        "fulfilment": order["fulfilment"],
        "language": order["language"],
        "sandbox": order["sandbox"],
        "delivery": order["delivery"],
        "gift_message": order["gift_message"],
        "buyer_note": order["buyer_note"],
        "lines": [_line(line, order["currency"]) for line in lines],
        "fulfilment_orders": [_fulfilment(row, lines, portions) for row in fulfilments],
        "holds": [hold_view(row) for row in holds],
        "parcels": [_parcel(row) for row in parcels],
        "human_touches": touches,
    }


def _current_minor(order: Row) -> int:
    if order["state"] == "cancelled":
        return 0
    return current_minor(order["total_minor"], order["short_minor"])


def _payment(row: Row) -> dict[str, object]:
    return {
        "state": row["state"],
        "amount": money(row["amount_minor"], row["currency"]),
        "reference": row["reference"],
        "at": moment(row["at"]),
        "received_at": moment(row["received_at"]),
        "country": row["country"] or None,
    }


def moment(at: datetime | None) -> str | None:
    """A moment in RFC 3339, or nothing."""
    return None if at is None else at.isoformat()


def money(amount_minor: int, currency: str) -> dict[str, object]:
    """Money as the border speaks it."""
    return {"amount_minor": amount_minor, "currency": currency}


def _line(line: Row, currency: str) -> dict[str, object]:
    def said(quantity: int | None) -> int | str | None:
        return None if quantity is None else in_units_of(line, quantity)

    return {
        "line": line["line"],
        "sku": line["sku"],
        "name": line["name"],
        "quantity": said(line["quantity"]),
        "unit": line["unit"] or line["item_unit"],
        "unit_price": money(line["unit_price_minor"], currency),
        "shelf_life_min_days": line["shelf_life_min_days"],
        "promise": line["promise"],
        "expected_at": moment(line["expected_at"]),
        "cancelled": said(line["cancelled"]),
        "picked": said(line["picked"]),
        "packed": said(line["packed"]),
        "gift_message": line["gift_message"],
        "inserted_by": line["inserted_by"],
        "insert_kind": line["insert_kind"],
    }


def in_units_of(line: Row, quantity: int) -> int | str:
    """A quantity of a line in the unit that it was ordered in."""
    return in_unit(quantity, line["unit"], line["factor"], line["item_unit"], line["scale"])


def _fulfilment(row: Row, lines: Sequence[Row], portions: Sequence[Row]) -> dict[str, object]:
    line_of = {line["line"]: line for line in lines}
    return {
        "id": row["id"],
        "warehouse": row["warehouse"],
        "source": row["source_reason"],
        "lines": [
            {
                "line": portion["line"],
                "quantity": in_units_of(line_of[portion["line"]], portion["quantity"]),
            }
            for portion in portions
            if portion["fulfilment_order_id"] == row["id"]
        ],
        "state": row["state"],
        "version": row["version"],
        "due_at": moment(row["due_at"]),
    } | {clock: moment(row[clock]) for clock in CLOCKS}


def hold_view(row: Row) -> dict[str, object]:
    """A hold: what keeps a fulfilment order back, who has to look, and until when."""
    return {
        "id": row["id"],
        "fulfilment_order_id": row["fulfilment_order_id"],
        "kind": row["kind"],
        "reason": row["reason"],
        "owned_by": row["owned_by"],
        "until": moment(row["until"]),
        "overdue_at": moment(row["overdue_at"]),
        "made_by": row["made_by"],
        "lifted_at": moment(row["lifted_at"]),
        "lifted_by": row["lifted_by"],
    }


def _parcel(row: Row) -> dict[str, object]:
    return {
        "id": row["parcel_id"],
        "fulfilment_order_id": row["fulfilment_order_id"],
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
        "eta": _eta(row),
        "delivered_at": moment(
            row["happened_at"] if row["stop_state"] == "served" else row["delivered_at"]
        ),
    }


def _eta(row: Row) -> dict[str, object] | None:
    """When a parcel is expected that one of the house's own vans brings."""
    if row["stop_state"] not in ("planned", "begun"):
        return None
    return {name: moment(row[f"{name}_at"]) for name in ("earliest", "expected", "latest")}

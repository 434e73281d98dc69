"""One inbound shipment with its lines, differences and inspections, as others read it."""

import asyncpg

from wms.error import NotFound
from wms.items.unit import format_quantity
from wms.journey.order.order_view import moment
from wms.receiving import queries as receiving
from wms.receiving.inbound import Difference, label_of
from wms.tenants.shop import Shop


async def shop_inbound(
    connection: asyncpg.Connection, shop: Shop, inbound_id: int
) -> dict[str, object]:
    """A shipment of the shop's owner.

    Raises:
        NotFound: `unknown_inbound`.
    """
    shipment = await receiving.the_inbound(connection, inbound_id)
    if shipment["owner_id"] != shop.owner_id:
        raise NotFound("unknown_inbound", f"There is no inbound shipment {inbound_id}.")
    return await inbound_view(connection, inbound_id)


async def inbound_view(connection: asyncpg.Connection, inbound_id: int) -> dict[str, object]:
    """A shipment with everything that is known of it.

    Raises:
        NotFound: `unknown_inbound`.
    """
    shipment = await receiving.the_inbound(connection, inbound_id)
    lines = await receiving.lines_of(connection, inbound_id)
    inspections = await receiving.inspections_of(connection, inbound_id)
    return inbound_summary(shipment) | {
        "lines": [_line(row) for row in lines],
        "differences": [difference_view(each) for each in receiving.differences_of(lines)],
        "inspections": [inspection_view(row) for row in inspections],
    }


def inbound_summary(row: asyncpg.Record) -> dict[str, object]:
    """A shipment as a list shows it."""
    return {
        "id": row["id"],
        "label": label_of(row["id"]),
        "kind": row["kind"],
        "state": row["state"],
        "reference": row["reference"],
        "warehouse": row["warehouse"],
        "supplier": row["supplier"],
        "purchase_order_id": row["purchase_order_id"],
        "order_id": row["order_id"],
        "tolerance_percent": row["tolerance_percent"],
        "expected_at": moment(row["expected_at"]),
        "made_at": moment(row["made_at"]),
        "begun_at": moment(row["begun_at"]),
        "closed_at": moment(row["closed_at"]),
    }


def difference_view(each: Difference) -> dict[str, object]:
    """What came of an item against what was announced."""
    parts = ("expected", "received", "over", "under", "damaged", "held")
    return {"sku": each.sku} | {
        name: format_quantity(getattr(each, name), each.scale) for name in parts
    }


def inspection_view(row: asyncpg.Record) -> dict[str, object]:
    """A sample, and what its inspection came to."""
    return {
        "id": row["id"],
        "inbound_id": row["inbound_id"],
        "sku": row["sku"],
        "name": row["name"],
        "owner": row["owner"],
        "lot": row["lot"],
        "serial": row["serial"],
        "place": row["place"],
        "quantity": format_quantity(row["quantity"], row["scale"]),
        "state": row["state"],
        "reason": row["reason"],
        "made_at": moment(row["made_at"]),
        "due_at": moment(row["due_at"]),
        "decided_at": moment(row["decided_at"]),
        "decided_by": row["decided_by"],
    }


def _line(row: asyncpg.Record) -> dict[str, object]:
    parts = ("expected", "received", "damaged", "held", "sampled")
    return {
        "line": row["line"],
        "sku": row["sku"],
        "name": row["name"],
        "unit": row["unit"],
    } | {name: format_quantity(row[name], row["scale"]) for name in parts}

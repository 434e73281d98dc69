"""A house for the labels' benchmark: parcels whose labels wait at their printers."""

from datetime import UTC, datetime

import asyncpg

from devices.gs1 import sscc18
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.journey.entry import DeviceEntry
from wms.tenants import commands as tenants
from wms.tenants import queries as tenant_rows

SITE, AREA = "main", "pack"
PREFIX = "4012345"
_PLACED = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
_SHIP_TO: dict[str, object] = {
    "name": "Ada Merton",
    "lines": ["12 Mill Lane"],
    "postal_code": "LU1 2AB",
    "city": "Luton",
    "country": "GB",
}


def sscc(number: int) -> str:
    """The SSCC of the parcel of that number, from 1."""
    return sscc18(PREFIX, number)


async def enter_printers(pool: asyncpg.Pool, ports: dict[str, int]) -> None:
    """Enters printers by their names, each at its port of this machine."""
    async with staff_transaction(pool) as connection:
        for name, port in ports.items():
            device = DeviceEntry(SITE, AREA, "printer", name, f"127.0.0.1:{port}", {})
            await entry.enter_device(connection, device)


async def queue_labels(pool: asyncpg.Pool, jobs: int, printers: list[str]) -> None:
    """Enters an order of so many closed parcels, whose labels are shared out to the printers."""
    async with staff_transaction(pool) as connection:
        code = await entry.warehouse_for(connection, None)
        key = await tenants.create_key(connection, "benchmark", [], sandbox=False)
        shop = await tenant_rows.shop_of_key(connection, key)
        assert shop is not None
        await entry.enter_carrier(connection, "BENCH", "Bench", "http://127.0.0.1:1", "secret")
        fulfilment_id = await connection.fetchval(
            """
            with o as (
                insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash,
                    state, currency, total_minor, customer, ship_to, placed_at, received_at)
                values ($1, $2, $3, 'bench', '', 'accepted', 'GBP', 100, '{}', $4, $5, $5)
                returning id
            )
            insert into fulfilment_order (tenant_id, order_id, warehouse_id, state)
            select $1, o.id, w.id, 'sorted' from o, warehouse w where w.code = $6 returning id
            """,
            shop.tenant_id,
            shop.shop_id,
            shop.owner_id,
            _SHIP_TO,
            _PLACED,
            code,
        )
        await connection.execute(
            """
            with p as (
                insert into parcel (tenant_id, fulfilment_order_id, number, carton_code,
                    planned_carton_code, state, mass_g)
                select $1, $2, n, 'C-M', 'C-M', 'closed', 900
                from generate_series(1, cardinality($3::text[])) n returning id, number
            ), w as (
                insert into waybill (tenant_id, parcel_id, carrier_id, sscc, tracking_number,
                    routing_code, service, made_at)
                select $1, p.id, c.id, ($3::text[])[p.number],
                    'SL' || lpad(p.number::text, 10, '0') || 'GB', 'GB-LU1-S', 'standard', $4
                from p, carrier c where c.code = 'BENCH' returning id, tracking_number
            )
            insert into label_job (tenant_id, waybill_id, printer, asked_by)
            select $1, w.id, ($5::text[])[1 + w.id % cardinality($5::text[])], 'bench'
            from w order by w.id
            """,
            shop.tenant_id,
            fulfilment_id,
            [sscc(number) for number in range(1, jobs + 1)],
            _PLACED,
            printers,
        )


async def states_of_labels(pool: asyncpg.Pool) -> dict[str, str]:
    """The state of each label, by its parcel's SSCC."""
    async with staff_transaction(pool) as connection:
        rows = await connection.fetch(
            "select w.sscc, j.state from label_job j join waybill w on w.id = j.waybill_id"
        )
    return {row["sscc"]: row["state"] for row in rows}

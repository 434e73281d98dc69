"""SQL of the house's own vans."""

from dataclasses import astuple

import asyncpg

from wms.shipping.van import Van


async def upsert_van(connection: asyncpg.Connection, warehouse_id: int, van: Van) -> None:
    await connection.execute(
        """
        insert into van (warehouse_id, code, mass_g_max, volume_ml_max, shift_from, shift_to,
            fixed_cost_minor, cost_per_km_minor, cost_per_hour_minor, speed_factor, skills,
            break_from, break_to, break_s, driving_rule, in_service)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict (warehouse_id, code) do update set mass_g_max = excluded.mass_g_max,
            volume_ml_max = excluded.volume_ml_max, shift_from = excluded.shift_from,
            shift_to = excluded.shift_to, fixed_cost_minor = excluded.fixed_cost_minor,
            cost_per_km_minor = excluded.cost_per_km_minor,
            cost_per_hour_minor = excluded.cost_per_hour_minor,
            speed_factor = excluded.speed_factor, skills = excluded.skills,
            break_from = excluded.break_from, break_to = excluded.break_to,
            break_s = excluded.break_s, driving_rule = excluded.driving_rule,
            in_service = excluded.in_service
        """,
        warehouse_id,
        *astuple(van),
    )


async def vans(connection: asyncpg.Connection, warehouse_id: int | None) -> list[asyncpg.Record]:
    """The vans of a warehouse, or all, with the warehouse's code."""
    return await connection.fetch(
        """
        select v.*, w.code as warehouse from van v join warehouse w on w.id = v.warehouse_id
        where $1::bigint is null or v.warehouse_id = $1 order by w.id, v.code
        """,
        warehouse_id,
    )

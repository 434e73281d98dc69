"""SQL of replenishment runs, and of the forecasts, policies and proposals that they leave."""

from datetime import date, datetime

import asyncpg

Rows = list[dict[str, object]]
# So many rows go to the database in one statement.
AT_ONCE = 1_000


async def insert_run(
    connection: asyncpg.Connection, day: date, asked_by: str, now: datetime
) -> int | None:
    """A new run, or None where the night's of that day was asked for already."""
    run_id: int | None = await connection.fetchval(
        "insert into replenishment_run (day, asked_by, asked_at) values ($1, $2, $3) "
        "on conflict do nothing returning id",
        day,
        asked_by,
        now,
    )
    return run_id


async def nightly_asked(connection: asyncpg.Connection, day: date, asked_by: str) -> bool:
    asked: bool = await connection.fetchval(
        "select exists (select 1 from replenishment_run where day = $1 and asked_by = $2)",
        day,
        asked_by,
    )
    return asked


async def run_for_update(connection: asyncpg.Connection, run_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(
        "select * from replenishment_run where id = $1 for update", run_id
    )


async def find_run(connection: asyncpg.Connection, run_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow("select * from replenishment_run where id = $1", run_id)


async def last_run(connection: asyncpg.Connection) -> asyncpg.Record | None:
    """The newest run that came to its end."""
    return await connection.fetchrow(
        "select * from replenishment_run where state = 'done' order by id desc limit 1"
    )


async def run_waits(connection: asyncpg.Connection) -> bool:
    """Whether a run that was asked for of late has not come to its end."""
    waits: bool = await connection.fetchval(
        "select exists (select 1 from replenishment_run where state = 'requested' "
        "and asked_at > now() - interval '1 hour')"
    )
    return waits


async def end_run(
    connection: asyncpg.Connection, run_id: int, facts: dict[str, object], now: datetime
) -> None:
    await connection.execute(
        "update replenishment_run set state = $2, done_at = $3, series = $4, proposals = $5, "
        "seconds = $6, reason = $7 where id = $1",
        run_id,
        facts["state"],
        now,
        facts.get("series"),
        facts.get("proposals"),
        facts.get("seconds"),
        facts.get("reason", ""),
    )


async def supersede_open(connection: asyncpg.Connection) -> int:
    """Ends every proposal that nobody decided on; how many."""
    done = await connection.execute(
        "update replenishment_proposal set state = 'superseded' where state = 'proposed'"
    )
    return int(done.split()[-1])


async def insert_proposals(connection: asyncpg.Connection, run_id: int, rows: Rows) -> None:
    for at in range(0, len(rows), AT_ONCE):
        await connection.execute(
            """
            insert into replenishment_proposal (tenant_id, owner_id, run_id, item_id, warehouse_id,
                kind, supplier_id, from_warehouse_id, quantity, free, coming, reorder_point,
                safety_stock, order_up_to, days_left, reason)
            select r.tenant_id, r.owner_id, $1, r.item_id, r.warehouse_id, r.kind, r.supplier_id,
                r.from_warehouse_id, r.quantity, r.free, r.coming, r.reorder_point,
                r.safety_stock, r.order_up_to, r.days_left, r.reason
            from jsonb_to_recordset($2) r(tenant_id bigint, owner_id bigint, item_id bigint,
                warehouse_id bigint, kind text, supplier_id bigint, from_warehouse_id bigint,
                quantity bigint, free bigint, coming bigint, reorder_point bigint,
                safety_stock bigint, order_up_to bigint, days_left float8, reason text)
            """,
            run_id,
            rows[at : at + AT_ONCE],
        )


PROPOSAL = """
    select r.*, i.sku, i.name, i.unit, i.scale, o.name as owner, w.code as warehouse,
        g.code as from_warehouse, s.code as supplier, s.currency, t.minimum, t.multiple,
        coalesce(t.lead_time_days, s.lead_time_days) as lead_days, p.service_percent, p.below_since
    from replenishment_proposal r join item i on i.id = r.item_id join owner o on o.id = r.owner_id
    join warehouse w on w.id = r.warehouse_id
    left join warehouse g on g.id = r.from_warehouse_id
    left join supplier s on s.id = r.supplier_id
    left join supplier_item t on t.supplier_id = r.supplier_id and t.item_id = r.item_id
    left join stock_policy p on p.item_id = r.item_id and p.warehouse_id = r.warehouse_id
"""


async def proposal_for_update(
    connection: asyncpg.Connection, proposal_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"{PROPOSAL} where r.id = $1 for no key update of r", proposal_id
    )


async def find_proposal(connection: asyncpg.Connection, proposal_id: int) -> asyncpg.Record | None:
    return await connection.fetchrow(f"{PROPOSAL} where r.id = $1", proposal_id)


async def proposals_after(
    connection: asyncpg.Connection, state: str, warehouse: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    return await connection.fetch(
        f"{PROPOSAL} where r.state = $1 and ($2::text is null or w.code = $2) and r.id > $3 "
        "order by r.id limit $4",
        state,
        warehouse,
        after,
        limit,
    )


async def urgent_proposals(
    connection: asyncpg.Connection, text: str, kind: str | None, limit: int
) -> list[asyncpg.Record]:
    """Open proposals that hold a text, what runs out first before the others, with forecasts."""
    return await connection.fetch(
        f"""
        select x.*, f.from_day, f.mean, f.high, f.past_from, f.past, f.demand_class, f.model,
            f.reason as model_reason, f.flags, f.protection_days
        from ({PROPOSAL} where r.state = 'proposed') x
        left join demand_forecast f on f.item_id = x.item_id and f.warehouse_id = x.warehouse_id
        where ($1 = '' or x.sku ilike '%' || $1 || '%' or x.name ilike '%' || $1 || '%'
               or x.supplier ilike '%' || $1 || '%')
          and ($2::text is null or x.kind = $2)
        order by x.days_left nulls last, x.id limit $3
        """,
        text,
        kind,
        limit,
    )


async def set_decided(
    connection: asyncpg.Connection, proposal_id: int, facts: dict[str, object], now: datetime
) -> None:
    await connection.execute(
        """
        update replenishment_proposal set state = $2, approved_quantity = $3, decided_by = $4,
            decided_at = $5, note = $6, purchase_order_id = $7, transfer_id = $8
        where id = $1
        """,
        proposal_id,
        facts["state"],
        facts.get("quantity"),
        facts["actor"],
        now,
        facts.get("note", ""),
        facts.get("purchase_order_id"),
        facts.get("transfer_id"),
    )


async def open_counts(connection: asyncpg.Connection) -> asyncpg.Record:
    """What waits for a planner, and what is below its safety stock."""
    row = await connection.fetchrow(
        """
        select count(*) filter (where kind = 'purchase') as purchases,
            count(*) filter (where kind = 'transfer') as transfers,
            (select count(*) from stock_policy where below_since is not null) as below,
            (select count(*) from transfer where state = 'requested') as to_send
        from replenishment_proposal where state = 'proposed'
        """
    )
    assert row is not None
    return row

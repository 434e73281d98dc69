"""SQL that compares the ledger with the books."""

import asyncpg

# The balances as the movements alone make them.
_REBUILT = """
    select e.owner_id, e.item_id, e.place_id, e.unit_id, e.lot, e.serial, e.status,
        sum(e.quantity)::bigint as quantity
    from (select l.owner_id, l.item_id, l.to_place_id as place_id, l.to_unit_id as unit_id, l.lot,
              l.serial, l.to_status as status, l.quantity
          from movement_line l
          union all
          select l.owner_id, l.item_id, l.from_place_id, l.from_unit_id, l.lot, l.serial, l.status,
              -l.quantity
          from movement_line l) e
    join place p on p.id = e.place_id and not p.virtual
    group by 1, 2, 3, 4, 5, 6, 7
"""

# Names are looked up for what differs only, since almost nothing does.
_DIFFERENCES = f"""
    with compared as (
        select coalesce(b.item_id, g.item_id) as item_id,
            coalesce(b.place_id, g.place_id) as place_id,
            coalesce(b.handling_unit_id, g.unit_id) as unit_id, b.id,
            coalesce(b.lot, g.lot) as lot, coalesce(b.serial, g.serial) as serial,
            coalesce(b.status, g.status) as status, coalesce(b.on_hand, 0) as books,
            coalesce(g.quantity, 0) as ledger
        from ({_REBUILT}) g full join balance b
          on b.owner_id = g.owner_id and b.item_id = g.item_id and b.place_id = g.place_id
         and b.handling_unit_id = g.unit_id and b.lot = g.lot and b.serial = g.serial
         and b.status = g.status
        where coalesce(b.on_hand, 0) <> coalesce(g.quantity, 0)
    ), claim as (
        select p.availability_id, p.supply, p.channel, sum(p.quantity - p.kept) as quantity
        from promise p where p.state in ('open', 'firm') group by 1, 2, 3
    ), promised as (
        select availability_id,
            coalesce(sum(quantity) filter (where supply = 'stock'), 0) as stock,
            coalesce(sum(quantity) filter (where supply = 'inbound'), 0) as inbound
        from claim group by 1
    ), shelved as (
        select b.item_id, p.warehouse_id, sum(b.on_hand) as quantity
        from balance b join place p on p.id = b.place_id
        where b.status = 'available' and b.on_hand > 0 group by 1, 2
        union all
        -- What is sent by mail lies in no place: the codes that are free are its ledger.
        select c.item_id, digital_warehouse(), sum(c.quantity)
        from (select item_id, count(*) as quantity from digital_code where state = 'free' group by 1
              union all
              select item_id, quota from digital_generator where quota > 0) c
        group by 1
    ), announced as (
        select availability_id, sum(quantity) as quantity from supply group by 1
    ), difference as (
        select 'balance' as kind, c.item_id,
            ' at ' || (select p.code from place p where p.id = c.place_id)
                || coalesce((select ' in ' || u.code from handling_unit u where u.id = c.unit_id),
                            '')
                || case when c.lot = '' then '' else ' lot ' || c.lot end
                || case when c.serial = '' then '' else ' serial ' || c.serial end
                || case when c.status = 'available' then '' else ' ' || c.status end
                || coalesce(' (balance ' || c.id || ')', ' (no balance row)') as place,
            c.books::bigint as books, c.ledger::bigint as ledger
        from compared c
        union all
        select 'reserved', b.item_id,
            ' at ' || (select p.code from place p where p.id = b.place_id)
                || ' (balance ' || b.id || ')', b.reserved, coalesce(r.quantity, 0)::bigint
        from balance b
        left join (select balance_id, sum(quantity) as quantity from reservation group by 1) r
          on r.balance_id = b.id
        where b.reserved <> coalesce(r.quantity, 0)
        union all
        select x.kind, a.item_id, ' (availability ' || a.id || ')', x.books, x.ledger::bigint
        from availability a
        left join shelved s on s.item_id = a.item_id and s.warehouse_id = a.warehouse_id
        left join promised q on q.availability_id = a.id
        left join announced n on n.availability_id = a.id
        cross join lateral (values
            ('sellable', a.sellable, case when a.channel = '' then coalesce(s.quantity, 0)
                                          else a.sellable end),
            ('promised', a.promised, coalesce(q.stock, 0)),
            ('backordered', a.backordered, coalesce(q.inbound, 0)),
            ('inbound', a.inbound, coalesce(n.quantity, 0))) x(kind, books, ledger)
        where (a.channel = '' and a.sellable <> coalesce(s.quantity, 0)
               or a.promised <> coalesce(q.stock, 0) or a.backordered <> coalesce(q.inbound, 0)
               or a.inbound <> coalesce(n.quantity, 0))
          and x.books <> x.ledger
        union all
        select 'sellable', s.item_id, ' (no availability row)', 0, s.quantity::bigint
        from shelved s left join availability a
          on a.item_id = s.item_id and a.warehouse_id = s.warehouse_id and a.channel = ''
        where a.id is null
        union all
        select 'channel', c.item_id, ' for ' || c.channel || ' (allocation ' || c.id || ')',
            c.promised, coalesce(q.quantity, 0)::bigint
        from channel_allocation c
        join availability a
          on a.item_id = c.item_id and a.warehouse_id = c.warehouse_id and a.channel = ''
        left join claim q
          on q.availability_id = a.id and q.channel = c.channel and q.supply = 'stock'
        where c.promised <> coalesce(q.quantity, 0)
        union all
        select 'move', t.item_id, ' (move ' || t.id || ')',
            case when t.state in ('open', 'claimed') then t.quantity else 0 end,
            coalesce(r.quantity, 0)::bigint
        from move_task t
        left join (select move_task_id, sum(quantity) as quantity from reservation
                   where move_task_id is not null group by 1) r on r.move_task_id = t.id
        where case when t.state in ('open', 'claimed') then t.quantity else 0 end
              <> coalesce(r.quantity, 0)
        union all
        select 'serial', b.item_id, ' serial ' || b.serial, sum(b.on_hand)::bigint, 1
        from balance b where b.serial <> '' group by b.item_id, b.serial having sum(b.on_hand) > 1
    )
    select d.kind, i.sku || d.place as place, d.books, d.ledger
    from difference d join item i on i.id = d.item_id order by 1, 2
"""


async def differences(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Every row of the books that does not follow from the ledger and from what stands on it.

    One statement, and so one snapshot without a lock: it may run while the house works.
    """
    await _prepare(connection)
    return await connection.fetch(_DIFFERENCES)


async def rebuilt_balances(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """The balances as the movements alone make them, without those that come to nothing."""
    await _prepare(connection)
    return await connection.fetch(
        f"select * from ({_REBUILT}) r where quantity <> 0 order by 1, 2, 3, 4, 5, 6, 7"
    )


async def _prepare(connection: asyncpg.Connection) -> None:
    # Millions of groups are summed in memory; until the transaction ends.
    await connection.execute("set local work_mem = '256MB'")


async def ledger_size(connection: asyncpg.Connection) -> asyncpg.Record:
    row = await connection.fetchrow(
        "select (select count(*) from movement_line) as lines, (select count(*) from balance) "
        "as balances"
    )
    assert row is not None
    return row

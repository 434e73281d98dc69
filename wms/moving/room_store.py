"""SQL of the room at places."""

import asyncpg


async def lock_places(connection: asyncpg.Connection, place_ids: list[int]) -> None:
    """Locks places in id order, so that two that want the same ones never wait in a ring."""
    await connection.execute(
        "select 1 from place where id = any($1) order by id for no key update", place_ids
    )


async def place_refusal(
    connection: asyncpg.Connection,
    place_id: int,
    item_id: int,
    owner_id: int,
    lot: str,
    quantity: int,
    status: str,
    but_task: int | None,
) -> str | None:
    refusal: str | None = await connection.fetchval(
        "select place_refusal($1, $2, $3, $4, $5, $6, $7)",
        place_id,
        item_id,
        owner_id,
        lot,
        quantity,
        status,
        but_task,
    )
    return refusal


async def place_takes(
    connection: asyncpg.Connection,
    place_id: int,
    item_id: int,
    owner_id: int,
    lot: str,
    status: str,
) -> int:
    takes: int = await connection.fetchval(
        "select o_takes from place_room($1, $2, $3, $4, $5, null)",
        place_id,
        item_id,
        owner_id,
        lot,
        status,
    )
    return takes


# A bin of the house ($1) that may take goods of an item ($2) in a status ($5), as far as its
# room allows; what is kept for another item by a refill rule is not asked.
_OPEN = """
    p.warehouse_id = $1 and p.kind = 'bin' and not p.blocked_in and p.purpose <> 'cross_dock'
    and p.id <> all($6) and i.id = $2 and place_stores(p.storage_classes, i.storage_class, $5)
    and not exists (select 1 from refill_rule r where r.place_id = p.id and r.item_id <> $2)
"""

_KNOWN = f"""
    select p.id from place p, item i
    where {_OPEN} and p.id in (
        select b.place_id from balance b where b.item_id = $2 and b.on_hand > 0
        union all
        select t.to_place_id from move_task t
        where t.item_id = $2 and t.state in ('open', 'claimed')
        union all
        select r.place_id from refill_rule r where r.item_id = $2)
"""

# The subquery stays one (`offset 0`), so that only empty bins are asked for their room.
_EMPTY = f"""
    select e.id from (
        select p.id, p.walk_seq from place p, item i
        where {_OPEN}
          and not exists (select 1 from balance b where b.place_id = p.id and b.on_hand > 0)
          and not exists (select 1 from move_task t
                          where t.to_place_id = p.id and t.state in ('open', 'claimed'))
        offset 0) e
    where (select r.o_takes from place_room(e.id, $2, $3, $4, $5, null) r) > 0
    order by e.walk_seq, e.id limit $7
"""

# Bins that hold other items too: summed up for the whole house at once, since most are full.
_SHARED = f"""
    select p.id from place p join item i on i.id = $2
    join (
        select x.place_id, bool_or(x.owner_id <> $3) as owners,
            sum(x.quantity * o.width_mm * o.depth_mm * o.height_mm
                / power(10::numeric, o.scale)) as volume_mm3,
            sum(x.quantity * o.mass_g / power(10::numeric, o.scale)) as mass_g,
            sum(x.quantity / power(10::numeric, o.scale)) as units
        from (select b.place_id, b.owner_id, b.item_id, b.on_hand::numeric as quantity
              from balance b join place h on h.id = b.place_id and h.kind = 'bin'
              where h.warehouse_id = $1 and b.on_hand > 0 and h.mixing in ('any', 'owner')
              union all
              select t.to_place_id, t.owner_id, t.item_id, t.quantity from move_task t
              where t.warehouse_id = $1 and t.state in ('open', 'claimed')) x
        join item o on o.id = x.item_id group by 1
    ) l on l.place_id = p.id
    where {_OPEN} and (p.mixing = 'any' or p.mixing = 'owner' and not l.owners)
      and (p.volume_ml is null
           or l.volume_mm3 + i.width_mm::numeric * i.depth_mm * i.height_mm
              / power(10::numeric, i.scale) <= p.volume_ml::numeric * 1000)
      and (p.mass_g_max is null
           or l.mass_g + i.mass_g / power(10::numeric, i.scale) <= p.mass_g_max)
      and (p.units_max is null or l.units + 1 / power(10::numeric, i.scale) <= p.units_max)
    order by p.walk_seq, p.id limit $7
"""

_ROOMS = """
    with chosen as materialized ({chosen})
    select p.id as place_id, p.purpose, coalesce(p.walk_seq, 2147483647) as walk_seq,
        r.o_takes as takes, i.storage_class = any(p.storage_classes) as names_class,
        h.here, h.same_lot, h.used,
        (select f.quantity_max from refill_rule f
         where f.place_id = p.id and f.item_id = $2) as keeps
    from chosen c join place p on p.id = c.id join item i on i.id = $2
    cross join lateral place_room(p.id, $2, $3, $4, $5, null) r
    cross join lateral (
        select coalesce(sum(x.quantity) filter (where x.item_id = $2), 0)::bigint as here,
            coalesce(bool_or(x.lot = $4) filter (where x.item_id = $2), false) as same_lot,
            count(*) > 0 as used
        from (select b.item_id, b.on_hand as quantity, b.lot from balance b
              where b.place_id = p.id and b.on_hand > 0
              union all
              select t.item_id, t.quantity, t.lot from move_task t
              where t.to_place_id = p.id and t.state in ('open', 'claimed')) x) h
    where r.o_takes > 0
"""
_OWN_AND_EMPTY = _ROOMS.format(chosen=f"({_KNOWN}) union ({_EMPTY})")
_SHARED_ONLY = _ROOMS.format(chosen=_SHARED)


async def rooms(
    connection: asyncpg.Connection,
    warehouse_id: int,
    item_id: int,
    owner_id: int,
    lot: str,
    status: str,
    seen: list[int],
    most: int,
    *,
    shared: bool,
) -> list[asyncpg.Record]:
    """Places that take some of the goods: where the item lies and empty ones, or shared ones.

    Of the empty and of the shared at most `most`, the nearest; `seen` are left out.
    """
    return await connection.fetch(
        _SHARED_ONLY if shared else _OWN_AND_EMPTY,
        warehouse_id,
        item_id,
        owner_id,
        lot,
        status,
        seen,
        most,
    )


async def cross_dock_rooms(
    connection: asyncpg.Connection,
    warehouse_id: int,
    item_id: int,
    owner_id: int,
    lot: str,
) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select p.id as place_id, r.o_takes as takes
        from place p cross join lateral place_room(p.id, $2, $3, $4, 'available', null) r
        where p.warehouse_id = $1 and p.kind = 'bin' and p.purpose = 'cross_dock'
          and r.o_takes > 0
        order by p.walk_seq nulls last, p.id
        """,
        warehouse_id,
        item_id,
        owner_id,
        lot,
    )


async def keeps_a_rule(connection: asyncpg.Connection, warehouse_id: int, item_id: int) -> bool:
    """Whether a refill rule keeps the item in some bin of the house."""
    found: bool = await connection.fetchval(
        "select exists (select 1 from refill_rule where warehouse_id = $1 and item_id = $2)",
        warehouse_id,
        item_id,
    )
    return found

"""A database grown to the size of years of work: consistent books, written by plain SQL."""

from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

ITEM_BINS = 10
STEP = 1_000
LINES_A_MOVEMENT = 4
CHUNK_LINES = 500_000
RESERVED = 2


@dataclass(frozen=True, slots=True)
class Ids:
    """The numbers of what was entered first; items and places follow without gaps."""

    tenant_id: int
    owner_id: int
    shop_id: int
    warehouse_id: int
    supplier_id: int
    customer_id: int
    item_id: int
    place_id: int


async def grow(
    url: str,
    balances: int,
    lines: int,
    reservations: int,
    say: Callable[[str], None] = lambda text: None,
) -> None:
    """Adds a warehouse with that many balances, ledger lines and open reservations to a database.

    They belong to a tenant of their own, over the last twelve months, and add up. Balances are
    rounded to a thousand, lines to a multiple of the balances. The user of `url` owns the tables;
    a superuser is spared the foreign keys' checks.
    """
    balances = max(STEP, balances // STEP * STEP)
    turns = max(1, lines // balances)
    connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "off"})
    try:
        if await connection.fetchval("select rolsuper from pg_roles where rolname = current_user"):
            await connection.execute("set session_replication_role = replica")
        movements = -(-balances * turns // LINES_A_MOVEMENT)
        first = await _draw_numbers(connection, movements)
        await connection.execute("set role stowline_staff")
        ids = await _enter_house(connection, balances // ITEM_BINS)
        await _write_ledger(connection, ids, balances, turns, first, say)
        say("balances …")
        await _write_balances(connection, ids, balances, _on_hand(turns))
        say("orders and reservations …")
        await _write_orders(connection, ids, balances // ITEM_BINS, reservations)
        await connection.execute("reset role")
        say("vacuum …")
        await connection.execute("vacuum (analyze)")
    finally:
        await connection.close()


def _on_hand(turns: int) -> int:
    """What a life of so many turns leaves of a balance: see `_LINES`."""
    own = [turn for turn in range(turns) if turn % 5 != 4]
    return sum(10 if turn % 2 == 0 else -3 for turn in own)


async def _draw_numbers(connection: asyncpg.Connection, movements: int) -> int:
    """Takes that many numbers of movements for itself; the first of them."""
    sequence = "pg_get_serial_sequence('movement', 'id')"
    first: int = await connection.fetchval(f"select nextval({sequence})")
    await connection.execute(f"select setval({sequence}, {first + movements + STEP})")
    return first


_HOUSE = """
with w as (
    insert into warehouse (code, name, aisles, aisle_length_mm, aisle_pitch_mm)
    values ('GROWN', 'Grown', 100, 10000000, 3000) returning id
), v as (
    insert into place (warehouse_id, code, kind)
    select w.id, upper(k), k from w
    cross join unnest(array['supplier', 'customer', 'loss', 'transit', 'production']) k
    returning id, kind
), t as (insert into tenant (name) values ('grown') returning id
), o as (
    insert into owner (tenant_id, name) select id, 'grown' from t returning id, tenant_id
), s as (
    insert into shop (tenant_id, owner_id, name) select tenant_id, id, 'grown' from o
    returning id
), i as (
    insert into item (tenant_id, owner_id, sku, name, width_mm, depth_mm, height_mm, mass_g)
    select o.tenant_id, o.id, 'GROWN-' || lpad(n::text, 7, '0'), 'Grown item ' || n,
        50, 50, 50, 100
    from o cross join generate_series(0, $1::int - 1) n order by n returning id
), p as (
    insert into place (warehouse_id, code, kind, zone, aisle, bay, level, x_mm, y_mm,
        walk_seq)
    select w.id, 'G-' || lpad(n::text, 7, '0'), 'bin', 'G', n % 100, n / 100, 1,
        3000 * (n % 100), 2000 * (n / 100), n
    from w cross join generate_series(0, $1::int - 1) n order by n returning id
)
select o.tenant_id, o.id as owner_id, (select id from s) as shop_id,
    (select id from w) as warehouse_id,
    (select id from v where kind = 'supplier') as supplier_id,
    (select id from v where kind = 'customer') as customer_id,
    (select min(id) from i) as item_id, (select min(id) from p) as place_id
from o
"""


async def _enter_house(connection: asyncpg.Connection, items: int) -> Ids:
    await connection.execute("select make_ledger_partitions((now() - interval '1 year')::date, 14)")
    row = await connection.fetchrow(_HOUSE, items)
    assert row is not None
    return Ids(*row)


# Balance k is of item k / 10, in one of the ten bins of that item, k % 10. Of its turns every fifth
# sends one piece on to the item's next bin, and so each bin gets as many as it gives; of the others
# the even ones bring ten and the odd ones take three.
_PLACE = "$8::bigint + (k.k / 10 + 101 * ({slot} % 10)) % $9::bigint"
_LOT = "case when {item} % 3 = 0 then 'L' || {item} % 97 else '' end"
_LINES = f"""
insert into movement_line (movement_id, line, recorded_at, tenant_id, owner_id, item_id, lot,
    to_status, from_place_id, to_place_id, quantity)
select $1::bigint + n / {LINES_A_MOVEMENT}, 1 + n % {LINES_A_MOVEMENT},
    now() - interval '1 year' * (1 - ($1::bigint - $12::bigint + n / {LINES_A_MOVEMENT})
        / $13::float8),
    $5::bigint, $6::bigint, $7::bigint + k.k / 10, {_LOT.format(item="(k.k / 10)")}, 'available',
    case when t % 5 = 4 or t % 2 = 1 then {_PLACE.format(slot="k.k")} else $10::bigint end,
    case when t % 5 = 4 then {_PLACE.format(slot="(k.k + 1)")} when t % 2 = 1 then $11::bigint
        else {_PLACE.format(slot="k.k")} end,
    case when t % 5 = 4 then 1 when t % 2 = 0 then 10 else 3 end
from generate_series(0::bigint, $3::bigint * $4::bigint - 1) n
cross join lateral (select $2::bigint + n / $4::bigint as k, n % $4::bigint as t) k
"""


async def _write_ledger(
    connection: asyncpg.Connection,
    ids: Ids,
    balances: int,
    turns: int,
    first: int,
    say: Callable[[str], None],
) -> None:
    movements = -(-balances * turns // LINES_A_MOVEMENT)
    # A chunk is whole items and whole movements.
    chunk = max(STEP, CHUNK_LINES // turns // STEP * STEP)
    for begin in range(0, balances, chunk):
        count = min(chunk, balances - begin)
        movement_id = first + begin * turns // LINES_A_MOVEMENT
        say(f"ledger: {begin * turns:,} of {balances * turns:,} lines …")
        await connection.execute(
            _LINES,
            movement_id,
            begin,
            count,
            turns,
            ids.tenant_id,
            ids.owner_id,
            ids.item_id,
            ids.place_id,
            balances // ITEM_BINS,
            ids.supplier_id,
            ids.customer_id,
            first,
            movements,
        )
    await connection.execute(
        """
        insert into movement (id, recorded_at, tenant_id, kind, actor, occurred_at)
        overriding system value
        select l.movement_id, l.recorded_at, l.tenant_id, 'grown', 'grown', l.recorded_at
        from movement_line l where l.tenant_id = $1 and l.line = 1
        """,
        ids.tenant_id,
    )


async def _write_balances(
    connection: asyncpg.Connection, ids: Ids, balances: int, on_hand: int
) -> None:
    await connection.execute(
        f"""
        insert into balance (tenant_id, owner_id, item_id, place_id, lot, on_hand)
        select $1, $2, $3::bigint + k / 10, $4::bigint + (k / 10 + 101 * (k % 10)) % ($5 / 10),
            {_LOT.format(item="(k / 10)")}, $6
        from generate_series(0::bigint, $5::bigint - 1) k
        """,
        ids.tenant_id,
        ids.owner_id,
        ids.item_id,
        ids.place_id,
        balances,
        on_hand,
    )
    await connection.execute(
        """
        insert into availability (tenant_id, owner_id, item_id, warehouse_id, sellable)
        select $1, $2, item_id, $3, sum(on_hand) from balance where owner_id = $2 group by item_id
        """,
        ids.tenant_id,
        ids.owner_id,
        ids.warehouse_id,
    )


_ORDERS = """
with wanted as materialized (
    select r, $5::bigint + r % $6::bigint as item_id, (r / $6::bigint) % 10 as slot
    from generate_series(0::bigint, $7::bigint - 1) r
), o as (
    insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash,
        admission, state, payment_state, currency, total_minor, customer, ship_to,
        placed_at, received_at, paid_at)
    select $1, $2, $3, 'grown ' || r, '\\x00', nextval('admission'), 'accepted', 'paid',
        'EUR', 0, '{}', '{}', now(), now(), now()
    from wanted order by r returning id, admission, split_part(external_order_id, ' ', 2)
), n as materialized (
    select o.id, o.admission, w.* from o join wanted w on w.r = o.split_part::bigint
), l as (
    insert into order_line (tenant_id, order_id, line, item_id, quantity, unit_price_minor)
    select $1, id, 1, item_id, $8, 0 from n returning id, order_id
), f as (
    insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, firm_at,
        released_at)
    select $1, id, $4, 'released', now(), now() from n returning id, order_id
), fl as (
    insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id,
        quantity)
    select $1, f.id, l.id, n.item_id, $8
    from n join l on l.order_id = n.id join f on f.order_id = n.id
    returning id, order_line_id
), p as (
    insert into promise (tenant_id, availability_id, order_line_id, fulfilment_line_id,
        quantity, admission, state)
    select $1, a.id, l.id, fl.id, $8, n.admission, 'firm'
    from n join l on l.order_id = n.id join fl on fl.order_line_id = l.id
    join availability a on a.item_id = n.item_id and a.warehouse_id = $4
)
insert into reservation (tenant_id, balance_id, fulfilment_line_id, quantity)
select $1, b.id, fl.id, $8
from n join l on l.order_id = n.id join fl on fl.order_line_id = l.id
join (select id, item_id, row_number() over (partition by item_id order by id) - 1 as slot
      from balance where owner_id = $3) b
  on b.item_id = n.item_id and b.slot = n.slot
"""


async def _write_orders(
    connection: asyncpg.Connection, ids: Ids, items: int, reservations: int
) -> None:
    """One order of one line for each reservation, released and with its bin reserved."""
    await connection.execute(
        _ORDERS,
        ids.tenant_id,
        ids.shop_id,
        ids.owner_id,
        ids.warehouse_id,
        ids.item_id,
        items,
        reservations,
        RESERVED,
    )
    await connection.execute(
        """
        update balance b set reserved = r.quantity
        from (select balance_id, sum(quantity) as quantity from reservation where tenant_id = $1
              group by 1) r
        where b.id = r.balance_id
        """,
        ids.tenant_id,
    )
    await connection.execute(
        """
        update availability a set promised = p.quantity
        from (select availability_id, sum(quantity) as quantity from promise where tenant_id = $1
              group by 1) p
        where a.id = p.availability_id
        """,
        ids.tenant_id,
    )

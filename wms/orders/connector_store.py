"""SQL of other shop systems, of their orders, and of what they sent."""

from datetime import datetime

import asyncpg

from wms.database.seal import Personal
from wms.orders.connector import Indexes

_CONNECTOR = "c.id, c.kind, c.name, c.sandbox, c.wishes, c.made_by, c.made_at"
_DELIVERY = """d.id, d.their_delivery, d.topic, d.their_id, d.state, d.outcome, d.attempts,
    d.order_id, d.received_at, d.done_at"""


async def insert_connector(
    connection: asyncpg.Connection,
    tenant_id: int,
    shop_id: int,
    kind: str,
    name: str,
    secret: str,
    sandbox: bool,
    wishes: dict[str, object],
    made_by: str,
    now: datetime,
) -> int:
    """The number of a new connector; its secret is sealed."""
    number: int = await connection.fetchval(
        """
        insert into connector
            (tenant_id, shop_id, kind, name, secret, sandbox, wishes, made_by, made_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id
        """,
        tenant_id,
        shop_id,
        kind,
        name,
        Personal({"secret": secret}),
        sandbox,
        wishes,
        made_by,
        now,
    )
    return number


async def connectors_of(connection: asyncpg.Connection, shop_id: int) -> list[asyncpg.Record]:
    """A shop's connectors that stand, the oldest first."""
    return await connection.fetch(
        f"select {_CONNECTOR} from connector c "
        "where c.shop_id = $1 and c.removed_at is null order by c.id",
        shop_id,
    )


async def connector_of_id(
    connection: asyncpg.Connection, connector_id: int
) -> asyncpg.Record | None:
    """A connector that stands, with its shop and its secret."""
    return await connection.fetchrow(
        f"""
        select {_CONNECTOR}, c.secret, c.tenant_id, c.shop_id, s.owner_id, s.name as shop
        from connector c join shop s on s.id = c.shop_id
        where c.id = $1 and c.removed_at is null
        """,
        connector_id,
    )


async def set_secret(connection: asyncpg.Connection, connector_id: int, secret: str) -> None:
    await connection.execute(
        "update connector set secret = $2 where id = $1", connector_id, Personal({"secret": secret})
    )


async def remove_connector(
    connection: asyncpg.Connection, connector_id: int, now: datetime
) -> None:
    await connection.execute(
        "update connector set removed_at = $2 where id = $1", connector_id, now
    )


async def insert_delivery(
    connection: asyncpg.Connection,
    tenant_id: int,
    connector_id: int,
    their_delivery: str,
    topic: str,
    their_id: str,
    body: str,
    body_digest: bytes,
    buyer_index: bytes | None,
    now: datetime,
) -> int | None:
    """The number of a message that is kept now; None where it was here before."""
    number: int | None = await connection.fetchval(
        """
        insert into connector_delivery
            (tenant_id, connector_id, their_delivery, topic, their_id, body, body_digest,
             buyer_index, received_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (connector_id, their_delivery, body_digest) do nothing returning id
        """,
        tenant_id,
        connector_id,
        their_delivery,
        topic,
        their_id,
        Personal({"text": body}),
        body_digest,
        buyer_index,
        now,
    )
    return number


async def delivery_of_name(
    connection: asyncpg.Connection, connector_id: int, their_delivery: str, body_digest: bytes
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"select {_DELIVERY} from connector_delivery d "
        "where d.connector_id = $1 and d.their_delivery = $2 and d.body_digest = $3",
        connector_id,
        their_delivery,
        body_digest,
    )


async def begin_delivery(
    connection: asyncpg.Connection, delivery_id: int, refused_too: bool
) -> asyncpg.Record | None:
    """A message that is not carried out yet, with its body, after one more attempt is counted."""
    return await connection.fetchrow(
        f"""
        update connector_delivery d set attempts = d.attempts + 1
        where d.id = $1 and (d.state = 'waiting' or d.state = 'refused' and $2)
            and d.body is not null
        returning {_DELIVERY}, d.body, d.connector_id, d.tenant_id
        """,
        delivery_id,
        refused_too,
    )


async def end_delivery(
    connection: asyncpg.Connection,
    delivery_id: int,
    state: str,
    outcome: dict[str, object],
    order_id: int | None,
    now: datetime,
) -> None:
    """Writes down what came of a message; the body of one that is done is forgotten.

    So is that of one with a card number in it: nothing of it is kept.
    """
    await connection.execute(
        """
        update connector_delivery set
            state = $2, outcome = $3, order_id = coalesce($4, order_id),
            body = case when $2 <> 'done' and $3::jsonb ->> 'code' is distinct from 'card_data'
                then body end,
            done_at = case when $2 = 'waiting' then null else $5::timestamptz end
        where id = $1
        """,
        delivery_id,
        state,
        outcome,
        order_id,
        now,
    )


async def deliveries_after(
    connection: asyncpg.Connection, connector_id: int, state: str | None, after: int, limit: int
) -> list[asyncpg.Record]:
    """What a connector sent, the oldest first, without the bodies."""
    return await connection.fetch(
        f"""
        select {_DELIVERY} from connector_delivery d
        where d.connector_id = $1 and d.id > $3 and ($2::text is null or d.state = $2)
        order by d.id limit $4
        """,
        connector_id,
        state,
        after,
        limit,
    )


async def delivery_of_id(
    connection: asyncpg.Connection, connector_id: int, delivery_id: int
) -> asyncpg.Record | None:
    return await connection.fetchrow(
        f"select {_DELIVERY} from connector_delivery d where d.connector_id = $1 and d.id = $2",
        connector_id,
        delivery_id,
    )


async def open_deliveries(
    connection: asyncpg.Connection, connector_id: int, their_id: str
) -> list[asyncpg.Record]:
    """Messages about an order of theirs that are not carried out, as they came."""
    return await connection.fetch(
        f"""
        select {_DELIVERY} from connector_delivery d
        where d.connector_id = $1 and d.their_id = $2 and d.state <> 'done' order by d.id
        """,
        connector_id,
        their_id,
    )


async def delete_deliveries(connection: asyncpg.Connection, before: datetime) -> int:
    """Forgets messages that came before a moment; how many."""
    done: str = await connection.execute(
        "delete from connector_delivery where received_at < $1", before
    )
    return int(done.rsplit(" ", 1)[-1])


async def their_order(
    connection: asyncpg.Connection, connector_id: int, their_id: str
) -> asyncpg.Record | None:
    """What is known of an order of theirs, with our number for it."""
    return await connection.fetchrow(
        """
        select t.their_id, t.order_id, t.updated_at, t.address_index, t.contact_index,
            t.lines_index, t.words_index, t.cancelled_at, t.dropped, o.sandbox, o.state
        from connector_order t left join shop_order o on o.id = t.order_id
        where t.connector_id = $1 and t.their_id = $2
        """,
        connector_id,
        their_id,
    )


async def put_their_order(
    connection: asyncpg.Connection,
    tenant_id: int,
    connector_id: int,
    their_id: str,
    order_id: int | None,
    updated_at: datetime | None,
    indexes: Indexes,
    cancelled_at: datetime | None,
) -> None:
    """Writes down what is known of an order of theirs; the newest of their moments stays."""
    await connection.execute(
        """
        insert into connector_order (tenant_id, connector_id, their_id, order_id, updated_at,
            address_index, contact_index, lines_index, words_index, cancelled_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (connector_id, their_id) do update set
            order_id = coalesce(excluded.order_id, connector_order.order_id),
            cancelled_at = coalesce(connector_order.cancelled_at, excluded.cancelled_at),
            address_index = case when excluded.updated_at < connector_order.updated_at
                then connector_order.address_index
                else coalesce(excluded.address_index, connector_order.address_index) end,
            contact_index = case when excluded.updated_at < connector_order.updated_at
                then connector_order.contact_index
                else coalesce(excluded.contact_index, connector_order.contact_index) end,
            lines_index = case when excluded.updated_at < connector_order.updated_at
                then connector_order.lines_index
                else coalesce(excluded.lines_index, connector_order.lines_index) end,
            words_index = case when excluded.updated_at < connector_order.updated_at
                then connector_order.words_index
                else coalesce(excluded.words_index, connector_order.words_index) end,
            updated_at = greatest(connector_order.updated_at, excluded.updated_at)
        """,
        tenant_id,
        connector_id,
        their_id,
        order_id,
        updated_at,
        indexes.address,
        indexes.contact,
        indexes.lines,
        indexes.words,
        cancelled_at,
    )


async def restore_their_order(
    connection: asyncpg.Connection, connector_id: int, their_id: str
) -> None:
    """Forgets that they cancelled an order that never came here."""
    await connection.execute(
        "update connector_order set cancelled_at = null "
        "where connector_id = $1 and their_id = $2 and order_id is null",
        connector_id,
        their_id,
    )


async def add_dropped(
    connection: asyncpg.Connection, connector_id: int, their_id: str, reference: str
) -> None:
    """Writes down that the lines of a refund are taken out of an order of theirs."""
    await connection.execute(
        """
        update connector_order set dropped = array_append(dropped, $3)
        where connector_id = $1 and their_id = $2 and $3 <> all (dropped)
        """,
        connector_id,
        their_id,
        reference,
    )

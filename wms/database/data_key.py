"""SQL of the data keys that a database is known to be sealed with: their ids, never themselves."""

import asyncpg


async def standing_keys(connection: asyncpg.Connection) -> dict[str, bytes]:
    """The fingerprints of all keys that are not retired, by their ids; none before the schema."""
    if await connection.fetchval("select to_regclass('data_key')") is None:
        return {}
    rows = await connection.fetch(
        "select id, fingerprint from data_key where retired_at is null order by id"
    )
    return {row["id"]: row["fingerprint"] for row in rows}


async def note_keys(connection: asyncpg.Connection, fingerprints: dict[str, bytes]) -> None:
    """Keeps the ids and fingerprints that are new, the first index key for good."""
    if await connection.fetchval("select to_regclass('data_key')") is None:
        return
    await connection.execute(
        """
        insert into data_key (id, fingerprint)
        select * from unnest($1::text[], $2::bytea[]) on conflict do nothing
        """,
        list(fingerprints),
        list(fingerprints.values()),
    )


async def retire_key(connection: asyncpg.Connection, key_id: str) -> None:
    """Notes that nothing is sealed with a key any more."""
    await connection.execute("update data_key set retired_at = now() where id = $1", key_id)


async def columns_with_tokens(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """Tables and their jsonb columns in which something may be sealed."""
    rows = await connection.fetch(
        "select of_table::text as of_table, of_column::text as of_column from personal_columns()"
    )
    return [(row["of_table"], row["of_column"]) for row in rows] + [("departure_plan", "plan")]


async def rows_to_seal(
    connection: asyncpg.Connection, table: str, column: str, newest: str, after: str, limit: int
) -> list[asyncpg.Record]:
    """Rows past a place whose column is not all sealed by the newest key, locked; by place."""
    plain = _PLAIN.get((table, column), "false")
    return await connection.fetch(
        f"""
        select ctid::text as at, {column} as value from {table}
        where ctid > $1::text::tid and ({column}::text ~ $2 or {plain})
        order by ctid limit $3 for no key update
        """,
        after,
        _tokens(f"(?!{newest}\\.)[a-z0-9]{{1,20}}"),
        limit,
    )


async def put_value(
    connection: asyncpg.Connection, table: str, column: str, at: str, value: object
) -> None:
    """Writes a row's column anew, sealed by the newest key."""
    await connection.execute(
        f"update {table} set {column} = $2 where ctid = $1::text::tid", at, value
    )


async def sealed_with(connection: asyncpg.Connection, key_id: str) -> tuple[str, str] | None:
    """A table and column in which something is sealed with a key, or None."""
    for table, column in await columns_with_tokens(connection):
        query = f"select exists (select 1 from {table} where {column}::text ~ $1)"
        if await connection.fetchval(query, _tokens(key_id)):
            return table, column
    return None


async def sealing_with(connection: asyncpg.Connection, key_id: str) -> list[str]:
    """The roles that are connected and still seal with a key."""
    rows = await connection.fetch(
        """
        select distinct application_name as name from pg_stat_activity
        where datname = current_database() and application_name like 'stowline % ' || $1
        order by 1
        """,
        key_id,
    )
    return [row["name"].removesuffix(f" {key_id}") for row in rows]


async def is_all_sealed(connection: asyncpg.Connection, key_id: str) -> bool:
    """Whether everything was once gone through with a key."""
    done: bool | None = await connection.fetchval(
        "select sealed_at is not null from data_key where id = $1", key_id
    )
    return bool(done)


async def set_all_sealed(connection: asyncpg.Connection, key_id: str) -> None:
    """Notes that everything was gone through with a key."""
    await connection.execute("update data_key set sealed_at = now() where id = $1", key_id)


def _tokens(key: str) -> str:
    """A pattern of the tokens of a key."""
    return rf'\{{"~n?": "{key}\.[A-Za-z0-9_-]{{38,}}=*"\}}'


_NAMED = (
    "({0} -> 'name') is not null and jsonb_typeof({0} -> 'name') = 'string' "
    "and {0} ->> 'name' <> 'erased'"
)
_STRING = '(@.type() == "string" && @ != "erased")'
_INSIDE = (
    "(strpos({0}::text, '\"ship_to\"') > 0 and (jsonb_path_exists({0}, "
    f"'$.**.ship_to.name ? {_STRING}') or jsonb_path_exists({{0}}, "
    f"'$.**.customer.name ? {_STRING}')))"
)
# How what was written before there were keys is known.
_PLAIN = {
    ("shop_order", "customer"): _NAMED.format("customer"),
    ("shop_order", "ship_to"): _NAMED.format("ship_to"),
    ("command", "response"): _INSIDE.format("response"),
    ("outbox", "payload"): _INSIDE.format("payload"),
    ("departure_plan", "plan"): "jsonb_path_exists(plan, '$.routes[*].*[*].name')",
}

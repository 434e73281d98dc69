"""A tenant's rows are its own, whatever a statement forgets to say."""

import asyncpg
import pytest

from tests.builders import add_shop, buy, order_id_of, stocked_shop
from wms.database.pool import SHOP_ROLE, STAFF_ROLE, open_pool, shop_transaction, staff_transaction

pytestmark = pytest.mark.both_servers

OF_TENANTS = """
    select c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition
    from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
      and (c.relname = 'tenant' or exists (
          select 1 from pg_attribute a
          where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
"""


async def test_every_table_with_tenants_has_row_security_enabled_and_forced(
    pool: asyncpg.Pool,
) -> None:
    tables = await pool.fetch(OF_TENANTS)
    assert {"tenant", "shop_order", "movement", "balance", "event"} <= {
        t["relname"] for t in tables
    }
    open_ = [t["relname"] for t in tables if not (t["relrowsecurity"] and t["relforcerowsecurity"])]
    assert open_ == []


async def test_every_policy_of_a_shop_names_its_tenant(pool: asyncpg.Pool) -> None:
    policies = await pool.fetch(
        "select tablename, qual from pg_policies where $1 = any(roles)", SHOP_ROLE
    )
    assert policies
    assert [p["tablename"] for p in policies if "stowline_tenant()" not in p["qual"]] == []


async def test_the_application_s_roles_own_nothing_and_bypass_nothing(pool: asyncpg.Pool) -> None:
    roles = await pool.fetch(
        "select oid, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin "
        "from pg_roles where rolname = any($1)",
        [SHOP_ROLE, STAFF_ROLE],
    )
    assert len(roles) == 2
    for role in roles:
        assert not any(list(role)[1:])
        assert not await pool.fetchval(
            "select exists (select 1 from pg_class where relowner = $1) "
            "or exists (select 1 from pg_proc where proowner = $1)",
            role["oid"],
        )


async def test_neither_role_can_become_the_other_s_better(pool: asyncpg.Pool) -> None:
    for role in (SHOP_ROLE, STAFF_ROLE):
        assert not await pool.fetchval(
            "select exists (select 1 from pg_auth_members m join pg_roles r on r.oid = m.member "
            "where r.rolname = $1)",
            role,
        )


async def test_a_shop_sees_no_other_tenant_s_name(pool: asyncpg.Pool) -> None:
    shop, _ = await add_shop(pool), await add_shop(pool)
    async with shop_transaction(pool, shop.tenant_id) as connection:
        names = await connection.fetch("select name from tenant")
    assert [row["name"] for row in names] == [shop.name]


async def test_a_forgotten_where_reads_and_changes_nothing_of_others(pool: asyncpg.Pool) -> None:
    victim = await stocked_shop(pool, MUG=5)
    order = await buy(pool, victim, ("MUG", 2))
    thief = await add_shop(pool)
    async with shop_transaction(pool, thief.tenant_id) as connection:
        for table in ("shop_order", "order_line", "promise", "item", "balance", "event", "command"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table
        for change in (
            "update shop_order set state = 'cancelled'",
            "update promise set state = 'freed', expires_at = null",
            "update availability set promised = 0",
        ):
            assert await connection.execute(change) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute(
                    "insert into payment (tenant_id, order_id, state, amount_minor, currency, at) "
                    "values ($1, $2, 'paid', 1, 'GBP', now())",
                    victim.tenant_id,
                    order_id_of(order),
                )


async def test_every_table_of_tenants_shows_a_shop_its_own_rows_only(
    pool: asyncpg.Pool, database: str
) -> None:
    """Whatever row another tenant has in any table that a shop may read, it is not shown."""
    victim = await stocked_shop(pool, MUG=5)
    await buy(pool, victim, ("MUG", 2))
    thief = await add_shop(pool)
    owner = await asyncpg.connect(database)
    try:
        tables = [
            row["relname"]
            for row in await owner.fetch(OF_TENANTS)
            if row["relname"] != "tenant" and not row["relispartition"]
        ]
    finally:
        await owner.close()
    read = 0
    for table in tables:
        async with shop_transaction(pool, thief.tenant_id) as connection:
            if not await connection.fetchval(
                "select has_column_privilege($1::text, 'tenant_id', 'select')", table
            ):
                continue
            others = await connection.fetchval(
                f"select count(*) from {table} where tenant_id <> $1", thief.tenant_id
            )
        assert others == 0, table
        read += 1
    assert read > 20


@pytest.mark.parametrize(
    "table",
    ["staff", "staff_session", "api_key", "key_bucket", "sign_in_failure", "carrier_secret"],
)
async def test_a_shop_reads_no_secret_of_the_house(pool: asyncpg.Pool, table: str) -> None:
    shop = await add_shop(pool)
    query = "select secret from carrier" if table == "carrier_secret" else f"select * from {table}"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with shop_transaction(pool, shop.tenant_id) as connection:
            await connection.fetch(query)


async def test_a_connection_without_a_transaction_of_ours_sees_nothing(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await stocked_shop(pool, MUG=5)
    await buy(pool, shop, ("MUG", 2))
    async with await open_pool(database, application="forgetful", size_max=1) as forgetful:
        # The same connection has just acted for the shop, and for the house.
        async with shop_transaction(forgetful, shop.tenant_id) as connection:
            assert await connection.fetchval("select count(*) from shop_order") == 1
        async with staff_transaction(forgetful) as connection:
            assert await connection.fetchval("select count(*) from shop_order") >= 1
        for table in ("tenant", "shop", "shop_order", "item", "balance", "availability", "event"):
            assert await forgetful.fetchval(f"select count(*) from {table}") == 0, table
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await forgetful.execute("insert into tenant (name) values ('mine')")


async def test_no_view_and_no_function_sees_more_than_whoever_asks(pool: asyncpg.Pool) -> None:
    """A view with its owner's rights, or a function with its maker's, would go past all of it."""
    views = await pool.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace "
        "and (relkind = 'm' or relkind = 'v' "
        "and not coalesce('security_invoker=true' = any(reloptions), false))"
    )
    assert [view["relname"] for view in views] == []
    functions = await pool.fetch(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef "
        "order by proname"
    )
    # One makes next month's tables, the other asks for jobs, as whoever calls it may; both answer
    # nothing.
    assert [row["proname"] for row in functions] == ["ask_job", "make_ledger_partitions"]

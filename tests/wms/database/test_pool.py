"""Transactions act for somebody, or see nothing."""

import asyncpg
import pytest

from wms.database.pool import (
    REQUEST_ID,
    act_as_shop,
    act_as_staff,
    open_connection,
    shop_transaction,
    staff_transaction,
)

pytestmark = pytest.mark.both_servers

WHO = "select concat_ws(' ', current_user, current_setting('stowline.tenant', true))"


async def _add_shops(connection: asyncpg.Connection) -> dict[str, int]:
    tenants = {}
    for name in ("North", "South"):
        tenant = await connection.fetchval(
            "insert into tenant (name) values ($1) returning id", name
        )
        await connection.execute(
            "insert into owner (tenant_id, name) values ($1, $2)", tenant, name
        )
        tenants[name] = tenant
    return tenants


async def test_a_shop_sees_only_its_own_rows(connection: asyncpg.Connection) -> None:
    tenants = await _add_shops(connection)
    await act_as_shop(connection, tenants["South"])
    assert [row["name"] for row in await connection.fetch("select name from owner")] == ["South"]


async def test_a_shop_cannot_write_for_another(connection: asyncpg.Connection) -> None:
    tenants = await _add_shops(connection)
    await act_as_shop(connection, tenants["South"])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(
            "insert into item (tenant_id, owner_id, sku, name) select $1, $1, 'X', 'X'",
            tenants["North"],
        )


async def test_staff_see_every_tenant(connection: asyncpg.Connection) -> None:
    await _add_shops(connection)
    await act_as_staff(connection)
    assert {row["name"] for row in await connection.fetch("select name from owner")} >= {
        "North",
        "South",
    }


async def test_staff_cannot_change_the_ledger(connection: asyncpg.Connection) -> None:
    await act_as_staff(connection)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("update movement_line set quantity = 1")


async def test_rights_end_with_their_transaction(pool: asyncpg.Pool) -> None:
    async with shop_transaction(pool, 7) as connection:
        assert await connection.fetchval(WHO) == "stowline_shop 7"
    async with staff_transaction(pool) as connection:
        assert await connection.fetchval(WHO) == "stowline_staff "
    async with pool.acquire() as idle:
        assert await idle.fetchval(WHO) == "stowline_shop "


@pytest.mark.parametrize(
    "request_id", ["req_1", "it's", "\\'; reset role; --", "back\\slash", "名"]
)
async def test_the_requests_id_is_told_whatever_stands_in_it(
    pool: asyncpg.Pool, request_id: str
) -> None:
    told = REQUEST_ID.set(request_id)
    try:
        for begun, who in (
            (shop_transaction(pool, 7), "stowline_shop 7"),
            (staff_transaction(pool), "stowline_staff "),
        ):
            async with begun as connection:
                assert await connection.fetchval(WHO) == who
                said = await connection.fetchval("select current_setting('stowline.request')")
                assert said == request_id
    finally:
        REQUEST_ID.reset(told)


async def test_to_forget_the_transaction_is_to_see_nothing(
    database: str, pool: asyncpg.Pool
) -> None:
    owner = await asyncpg.connect(database)
    await _add_shops(owner)
    await owner.close()
    assert await pool.fetch("select * from owner") == []
    lone = await open_connection(database, application="test")
    assert await lone.fetch("select * from owner") == []
    await lone.close()


async def test_an_error_undoes_a_transaction(pool: asyncpg.Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        async with staff_transaction(pool) as connection:
            await connection.execute("insert into tenant (name) values ('lost')")
            raise ZeroDivisionError
    async with staff_transaction(pool) as connection:
        assert not await connection.fetchval("select count(*) from tenant where name = 'lost'")


async def test_a_savepoint_undoes_only_its_part(pool: asyncpg.Pool) -> None:
    async with staff_transaction(pool) as connection:
        await connection.execute("insert into tenant (name) values ('kept')")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with connection.transaction():
                await connection.execute("insert into tenant (name) values ('kept')")
    async with staff_transaction(pool) as connection:
        assert await connection.fetchval("select count(*) from tenant where name = 'kept'") == 1

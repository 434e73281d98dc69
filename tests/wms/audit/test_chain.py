"""The audit log has everything once, and shows whatever was changed in it afterwards."""

from typing import Any, cast

import asyncpg
import pytest

from tests.builders import NOW, add_shop, buy, order_id_of, pay, settle, stocked_shop, value
from wms.audit import commands as audit
from wms.audit.queries import Checked, check_log
from wms.database.pool import REQUEST_ID, open_pool, shop_transaction, staff_transaction
from wms.database.seal import Keyset
from wms.error import Conflict
from wms.journey.buyer.trail import chain_news
from wms.outbox import commands as outbox


async def checked(pool: asyncpg.Pool) -> Checked:
    async with staff_transaction(pool) as connection:
        return await check_log(connection)


async def as_owner(url: str, statement: str, *arguments: object) -> None:
    """What whoever owns the database may do to it."""
    owner = await asyncpg.connect(url)
    try:
        changed = await owner.execute(statement, *arguments)
    finally:
        await owner.close()
    assert changed.split()[-1] != "0", "the test changes something"


@pytest.fixture
async def told(house: asyncpg.Pool) -> int:
    """A house in which three orders were paid, in batches of a few entries; the orders' tenant."""
    shop = await stocked_shop(house, MUG=10)
    for _ in range(3):
        order = await buy(house, shop, ("MUG", 1))
        await pay(house, shop, order)
    await settle(house)
    made = await chain_news(house, NOW, 3)
    assert len([batch for batch in made if batch.tenant_id == shop.tenant_id]) >= 3
    return shop.tenant_id


async def test_everything_that_happened_is_entered_once(house: asyncpg.Pool, told: int) -> None:
    events = await value(house, "select count(*) from event where tenant_id = $1", told)
    entered = "select count(*) from audit_entry where tenant_id = $1 and source = 'event'"
    assert await value(house, entered, told) == events
    commands = "select count(*) from audit_entry where tenant_id = $1 and source = 'command'"
    assert await value(house, commands, told) == 6
    assert await chain_news(house, NOW) == []
    found = await checked(house)
    assert found.breaks == () and told in found.heads


async def test_a_late_commit_is_entered_after_those_that_overtook_it(house: asyncpg.Pool) -> None:
    shop = await add_shop(house)

    async def emit(connection: asyncpg.Connection, name: str) -> None:
        await outbox.emit(
            connection, shop.tenant_id, "test.said", f"word/{name}", None, {}, "test", NOW
        )

    async with shop_transaction(house, shop.tenant_id) as slow:
        await emit(slow, "slow")
        async with shop_transaction(house, shop.tenant_id) as quick:
            await emit(quick, "quick")
        assert await chain_news(house, NOW) == []
    await settle(house)
    await chain_news(house, NOW)
    entered = "select string_agg(object, ' ' order by batch, line) from audit_entry"
    assert await value(house, entered) == "word/slow word/quick"


async def test_a_tenant_has_a_chain_of_its_own_that_waits_for_nobody(house: asyncpg.Pool) -> None:
    one, other = await stocked_shop(house, MUG=5), await stocked_shop(house, CUP=5)
    await buy(house, one, ("MUG", 1))
    await buy(house, other, ("CUP", 1))
    await settle(house)
    async with staff_transaction(house) as connection:
        # Somebody makes a batch of the one, and takes their time.
        assert await audit.chain_batch(connection, one.tenant_id, NOW) is not None
        await buy(house, one, ("MUG", 1))
        made = await chain_news(house, NOW)
        assert {batch.tenant_id for batch in made} == {other.tenant_id}
    await settle(house)
    made = await chain_news(house, NOW)
    assert {batch.tenant_id for batch in made} == {one.tenant_id}
    assert (await checked(house)).breaks == ()


CUT = (
    "with b as (delete from audit_batch b where number = "
    "(select max(number) from audit_batch where tenant_id = b.tenant_id) returning *) "
    "delete from audit_entry e using b where e.tenant_id = b.tenant_id and e.batch = b.number"
)
CHANGES = {
    "an entry's actor": "update audit_entry set actor = 'nobody' where line = 1 and batch = 2",
    "an entry's moment": "update audit_entry set at = at + interval '1 s' "
    "where line = 1 and batch = 1",
    "an entry's detail": """update audit_entry set detail = detail || '{"x": 1}' """
    "where batch = 2 and line = 1",
    "an entry less": "delete from audit_entry where batch = 2 and line = 1",
    "an entry more": "insert into audit_entry select tenant_id, batch, 99, source, 'x', xid, at, "
    "actor, action, object, order_id, request_id, detail from audit_entry "
    "where line = 1 and batch = 1",
    "an entry of no batch": "insert into audit_entry select tenant_id, 99, 1, source, '99999', "
    "xid, at, actor, action, object, order_id, request_id, detail from audit_entry "
    "where line = 1 and batch = 1 and source = 'event'",
    "two entries exchanged": "update audit_entry set line = -line where batch = 2",
    "a batch less": "delete from audit_batch where number = 2",
    "the first batch less": "delete from audit_batch where number = 1",
    "a batch's hash": "update audit_batch set hash = sha256('x') where number = 1",
    "a batch's end": "update audit_batch set upto = (upto::text::bigint + 1)::text::xid8 "
    "where number = 1",
    "a batch's moment": "update audit_batch set made_at = made_at + interval '1 s'",
    "an event's actor": "alter table event disable trigger all; "
    "update event set actor = 'nobody' where type = 'order.paid'",
    "an event's data": "alter table event disable trigger all; "
    """update event set data = '{"x": 1}' where type = 'order.paid'""",
    "an event less": "delete from event where type = 'order.paid'",
    "a command's outcome": "update command set status = 500",
    "the last batch with its entries": CUT,
    "all batches with their entries": "with b as (delete from audit_batch returning *) "
    "delete from audit_entry e using b where e.tenant_id = b.tenant_id and e.batch = b.number",
    "the last batch, and its head made to fit": CUT + "; update audit_head h "
    "set number = b.number, hash = b.hash from audit_batch b where b.tenant_id = h.tenant_id "
    "and b.number = (select max(number) from audit_batch where tenant_id = h.tenant_id)",
    "a chain's head": "delete from audit_head",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_an_owner_of_the_database_changes_is_found(
    house: asyncpg.Pool, told: int, change: str
) -> None:
    await as_owner(await _url(house), CHANGES[change])
    broken = (await checked(house)).breaks
    assert broken and broken[0].tenant_id == told and str(broken[0])


async def test_nothing_is_put_upon_a_chain_that_was_cut(house: asyncpg.Pool, told: int) -> None:
    """Otherwise whoever cuts it, and changes what it was made from, had it sealed by the house."""
    other = await stocked_shop(house, CUP=5)
    await as_owner(await _url(house), CUT)
    await buy(house, other, ("CUP", 1))
    await settle(house)
    with pytest.raises(Conflict, match="it is gone") as refused:
        await chain_news(house, NOW)
    assert refused.value.code == "audit_cut"
    found = await checked(house)
    # The others' chains go on.
    assert other.tenant_id in found.heads and told in {one.tenant_id for one in found.breaks}


async def test_the_first_break_is_named(house: asyncpg.Pool, told: int) -> None:
    url = await _url(house)
    await as_owner(url, "update audit_entry set actor = 'nobody' where batch in (2, 3)")
    (broken,) = (await checked(house)).breaks
    assert (broken.tenant_id, broken.batch) == (told, 2)
    assert "not what they were" in broken.reason


async def test_a_chain_made_anew_without_the_keys_is_found(house: asyncpg.Pool, told: int) -> None:
    url = await _url(house)
    await as_owner(url, "delete from audit_batch")
    await as_owner(url, "delete from audit_entry")
    await as_owner(url, "delete from audit_head")
    async with await open_pool(url, application="forger", keyset=Keyset.new()) as forger:
        assert await chain_news(forger, NOW)
        assert (await checked(forger)).breaks == ()
    assert (await checked(house)).breaks


@pytest.mark.parametrize("table", ["audit_note", "audit_entry", "audit_batch"])
async def test_nobody_may_change_the_log(house: asyncpg.Pool, told: int, table: str) -> None:
    for statement in (f"delete from {table}", f"update {table} set tenant_id = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with staff_transaction(house) as connection:
                await connection.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with shop_transaction(house, told) as connection:
                await connection.execute(statement)


async def test_an_event_is_changed_by_nobody(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=1)
    order = await buy(house, shop, ("MUG", 1))
    assert order_id_of(order)
    for change, error in (
        ("actor = 'x'", asyncpg.InsufficientPrivilegeError),
        ("""data = '{"x": 1}'""", asyncpg.CheckViolationError),
    ):
        with pytest.raises(error):
            async with staff_transaction(house) as connection:
                await connection.execute(f"update event set {change}")


async def _url(pool: asyncpg.Pool) -> str:
    """The address of the pool's database, for whoever owns it."""
    url: str = cast(Any, pool)._connect_args[0]
    return url


async def test_an_entry_tells_the_request_that_it_came_by(house: asyncpg.Pool) -> None:
    shop = await stocked_shop(house, MUG=2)
    token = REQUEST_ID.set("req_1")
    try:
        await buy(house, shop, ("MUG", 1))
    finally:
        REQUEST_ID.reset(token)
    order = await buy(house, shop, ("MUG", 1))
    await settle(house)
    await chain_news(house, NOW)
    told = "select count(*) from audit_entry where request_id = 'req_1' and order_id <> $1"
    assert await value(house, told, order_id_of(order)) == 2
    others = "select count(*) from audit_entry where order_id = $1 and request_id is null"
    assert await value(house, others, order_id_of(order)) == 2

"""What the screens read from the real database."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.key import KEYSET
from wms.database.pool import act_as_staff, speak_json
from wms.error import NotFound
from wms.orders.buyer import mail_index, reference_index
from wms.overview import queries
from wms.overview.pipeline import Stage

NOW = datetime(2010, 12, 1, 8, 26, 7, tzinfo=UTC)


async def order(
    connection: asyncpg.Connection, number: str, state: str, *, firm: bool, gone: bool = False
) -> int:
    """An order with one fulfilment order in `state`, entered a minute ago."""
    came = NOW - timedelta(minutes=1)
    order_id = await connection.fetchval(
        """
        with t as (insert into tenant (name) values ('shop ' || $1) returning id),
        w as (insert into owner (tenant_id, name) select id, 'own' from t returning id, tenant_id),
        s as (insert into shop (tenant_id, owner_id, name) select tenant_id, id, 's' from w
              returning id, tenant_id, owner_id)
        insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash, state,
            currency, total_minor, customer, ship_to, placed_at, received_at)
        select tenant_id, id, owner_id, $1, '', 'accepted', 'GBP', 1999, 'null',
            '{"name": "A", "lines": ["1 Road"], "postal_code": "X1", "city": "Y", "country": "GB"}',
            $2, $2 from s returning id
        """,
        number,
        came,
    )
    await connection.execute(
        """
        insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, firm_at,
            waybill_ready_at, handed_over_at)
        select tenant_id, id, (select min(id) from warehouse), $2, $3, $3, $4
        from shop_order where id = $1
        """,
        order_id,
        state,
        came if firm else None,
        NOW if gone else None,
    )
    assert isinstance(order_id, int)
    return order_id


@pytest.fixture
async def house(connection: asyncpg.Connection) -> asyncpg.Connection:
    """A connection as staff to a house with one warehouse and nothing in it."""
    await speak_json(connection, KEYSET)
    await act_as_staff(connection)
    await connection.execute(
        """
        insert into warehouse (code, name, aisles, aisle_length_mm, aisle_pitch_mm)
        values ('OVERVIEW', 'Main', 2, 10000, 3000)
        """
    )
    return connection


async def test_an_empty_house_has_an_overview(house: asyncpg.Connection) -> None:
    seen = await queries.overview(house, NOW)
    assert seen.in_house == 0
    assert seen.oldest is None
    assert len(seen.slots) == queries.SLOTS
    assert await queries.order_rows(house) == ()
    assert await queries.wave_rows(house) == ()
    assert await queries.departure_rows(house) == ()


async def test_an_order_is_counted_once_in_the_stage_it_is_in(house: asyncpg.Connection) -> None:
    await order(house, "unpaid", "open", firm=False)
    firm = await order(house, "firm", "open", firm=True)
    await order(house, "gone", "handed_over", firm=True, gone=True)
    seen = await queries.overview(house, NOW)
    counts = {one.stage: one.orders for one in seen.stages if one.orders}
    assert counts == {Stage.ACCEPTED: 1, Stage.OPEN: 1, Stage.HANDED_OVER: 1}
    assert seen.oldest is not None and seen.oldest.order_id == firm
    assert sum(slot.accepted for slot in seen.slots) == 3
    assert sum(slot.handed_over for slot in seen.slots) == 1


async def test_orders_are_found_by_stage_and_text(house: asyncpg.Connection) -> None:
    await order(house, "536365", "open", firm=True)
    await order(house, "536366", "packed", firm=True)
    assert [row.external_order_id for row in await queries.order_rows(house)] == [
        "536366",
        "536365",
    ]
    assert [row.stage for row in await queries.order_rows(house, stage="packed")] == ["packed"]
    assert [row.external_order_id for row in await queries.order_rows(house, text="365")] == [
        "536365"
    ]


async def test_a_story_starts_with_the_order_itself(house: asyncpg.Connection) -> None:
    order_id = await order(house, "536367", "open", firm=True)
    story = await queries.order_story(house, order_id)
    assert story.stage is Stage.OPEN
    assert story.ship_to == ("A", "1 Road", "X1 Y", "GB")
    assert story.row.customer == ""
    with pytest.raises(NotFound):
        await queries.order_story(house, order_id + 1_000_000)


async def test_what_does_not_exist_is_not_found(house: asyncpg.Connection) -> None:
    with pytest.raises(NotFound):
        await queries.wave_on_floor(house, 9_999_999)
    with pytest.raises(NotFound):
        await queries.departure(house, 9_999_999)


async def test_orders_are_found_by_who_bought_them(house: asyncpg.Connection) -> None:
    ada, bob = (
        await order(house, "7001", "open", firm=True),
        await order(house, "7002", "open", firm=True),
    )
    shop_id = await house.fetchval("select shop_id from shop_order where id = $1", bob)
    for number, index in (
        (ada, mail_index(KEYSET, "ada@example.com")),
        (bob, reference_index(KEYSET, shop_id, "17850")),
    ):
        await house.execute("update shop_order set buyer_index = $2 where id = $1", number, index)

    async def found(text: str) -> list[str]:
        return [row.external_order_id for row in await queries.order_rows(house, text=text)]

    assert await found("ADA@example.com") == ["7001"]
    assert await found("17850") == ["7002"]
    assert await found("ada") == await found("ada@example.co") == []

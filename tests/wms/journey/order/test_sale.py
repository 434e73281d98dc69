"""What is sold: bundles, packs, decimals and goods on their way, exact and in order of arrival."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PRICE_MINOR,
    PROMISE_LASTS,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    enter_house,
    fulfilment_id_of,
    new_order,
    order_id_of,
    pay,
    rows,
    value,
)
from tests.key import KEYSET
from wms.database.pool import open_pool, shop_transaction, staff_transaction
from wms.error import Refused
from wms.items.item import Component, Item, ItemKind, Packaging
from wms.journey.claim.claim import expire_promises
from wms.journey.claim.supply import announce_supply
from wms.journey.order.intake import place_order
from wms.journey.order.order_view import order_view
from wms.journey.request import Request
from wms.orders.order import NewLine
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

BUYERS = 300
LATE = NOW + PROMISE_LASTS + timedelta(seconds=1)
ARRIVAL = NOW + timedelta(days=3)

_numbers = count(1)


async def _shop(pool: asyncpg.Pool, *items: Item) -> Shop:
    await enter_house(pool)
    shop = await add_shop(pool)
    await add_items(pool, shop, *items)
    return shop


def _bundle(sku: str, **components: int) -> Item:
    parts = tuple(Component(part, quantity) for part, quantity in components.items())
    return replace(an_item(sku), kind=ItemKind.BUNDLE, components=parts)


async def _order(
    pool: asyncpg.Pool, shop: Shop, *lines: NewLine, backorder: bool = False
) -> Answer:
    number = f"sale {next(_numbers)}"
    order = replace(
        new_order([], number),
        lines=lines,
        total_minor=sum(line.price_minor() for line in lines),
        backorder=backorder,
    )
    request = Request(shop, number, "orders", order.body_hash)
    return await place_order(pool, request, order, PROMISE_LASTS, NOW)


def _line(sku: str, quantity: int | str, unit: str = "") -> NewLine:
    return NewLine(sku, quantity, PRICE_MINOR, unit)


async def _announce(pool: asyncpg.Pool, shop: Shop, sku: str, quantity: int) -> None:
    async with staff_transaction(pool) as connection:
        await announce_supply(
            connection,
            tenant_id=shop.tenant_id,
            owner_id=shop.owner_id,
            item_id=await connection.fetchval(
                "select id from item where owner_id = $1 and sku = $2", shop.owner_id, sku
            ),
            warehouse_id=await connection.fetchval("select id from warehouse"),
            source="ASN-1",
            expected_at=ARRIVAL,
            quantity=quantity,
            actor="test",
            now=NOW,
        )


async def _expire(pool: asyncpg.Pool) -> None:
    while await expire_promises(pool, LATE):
        pass


async def _assert_reads_the_same(pool: asyncpg.Pool, shop: Shop, answer: Answer) -> None:
    async with shop_transaction(pool, shop.tenant_id) as connection:
        assert await order_view(connection, shop, order_id_of(answer)) == answer.body


async def test_a_bundle_and_its_component_sold_at_once_are_exact_and_in_order_of_arrival(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await _shop(pool, an_item("CUP"), an_item("TIN"), _bundle("SET", CUP=1, TIN=1))
    await add_stock(pool, shop, "CUP", bin0=50)
    await add_stock(pool, shop, "TIN", bin1=1_000)

    async def one(crowd: asyncpg.Pool, number: int) -> int | None:
        try:
            answer = await _order(crowd, shop, _line("SET" if number % 2 else "CUP", 1))
        except Refused as refusal:
            assert refusal.code == "not_available"
            return None
        admission = answer.body["admission"]
        assert isinstance(admission, int)
        return admission

    async with await open_pool(database, application="crowd", size_max=16, keyset=KEYSET) as crowd:
        tried = await asyncio.gather(*(one(crowd, number) for number in range(BUYERS)))
    won = [admission for admission in tried if admission is not None]
    lost = await rows(
        pool, "select admission from refused_demand where tenant_id = $1", shop.tenant_id
    )
    assert (len(won), len(lost)) == (50, BUYERS - 50)
    assert max(won) < min(row["admission"] for row in lost)
    assert await availability(pool, shop, "CUP") == (50, 50)
    sets = await value(
        pool,
        "select count(*) from order_line l join item i on i.id = l.item_id "
        "where l.tenant_id = $1 and i.sku = 'SET'",
        shop.tenant_id,
    )
    assert await availability(pool, shop, "TIN") == (1_000, sets)
    assert await differences(pool) == []


@pytest.mark.parametrize("second", ["CUP", "PAIR"])
async def test_of_two_lines_that_share_a_component_one_in_stock_is_never_two(
    pool: asyncpg.Pool, second: str
) -> None:
    shop = await _shop(
        pool, an_item("CUP"), an_item("TIN"), _bundle("SET", CUP=1, TIN=1), _bundle("PAIR", CUP=1)
    )
    await add_stock(pool, shop, "CUP", bin0=1)
    await add_stock(pool, shop, "TIN", bin1=9)
    with pytest.raises(Refused) as refusal:
        await _order(pool, shop, _line("SET", 1), _line(second, 1))
    assert (refusal.value.code, refusal.value.pointer) == ("not_available", "/lines/0/quantity")
    assert await availability(pool, shop, "CUP") == (1, 0)
    assert await availability(pool, shop, "TIN") == (9, 0)
    assert (await _order(pool, shop, _line("SET", 1))).status == 201
    assert await availability(pool, shop, "CUP") == (1, 1)


async def test_a_bundle_is_one_line_for_the_buyer_and_its_components_for_the_picker(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, an_item("CUP"), an_item("TIN"), _bundle("SET", CUP=2, TIN=1))
    await add_stock(pool, shop, "CUP", bin0=9)
    await add_stock(pool, shop, "TIN", bin1=9)
    answer = await _order(pool, shop, _line("SET", 3))
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    assert [(line["sku"], line["quantity"], line["picked"]) for line in lines] == [("SET", 3, 0)]
    parts = await rows(
        pool,
        "select i.sku, l.quantity from fulfilment_line l join item i on i.id = l.item_id "
        "where l.fulfilment_order_id = $1 order by i.sku",
        fulfilment_id_of(answer),
    )
    assert [tuple(part) for part in parts] == [("CUP", 6), ("TIN", 3)]
    await _assert_reads_the_same(pool, shop, answer)


async def test_of_two_packs_of_eight_with_fifteen_units_one_is_sold(pool: asyncpg.Pool) -> None:
    mug = replace(an_item("MUG"), packagings=(Packaging("case", 8),))
    shop = await _shop(pool, mug)
    await add_stock(pool, shop, "MUG", bin0=15)
    with pytest.raises(Refused, match="2 case are wanted and 1 can be promised"):
        await _order(pool, shop, _line("MUG", 2, "case"))
    answer = await _order(pool, shop, _line("MUG", 1, "case"))
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    assert (lines[0]["quantity"], lines[0]["unit"]) == (1, "case")
    assert await availability(pool, shop, "MUG") == (15, 8)
    await _assert_reads_the_same(pool, shop, answer)


async def test_a_scaled_unit_is_sold_to_the_last_centimetre(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, replace(an_item("ROPE"), unit="metre", scale=2))
    await add_stock(pool, shop, "ROPE", bin0=3140)
    await _order(pool, shop, _line("ROPE", "3106.40"))
    with pytest.raises(Refused, match=r"33\.61 metre are wanted and 33\.60 can be promised"):
        await _order(pool, shop, _line("ROPE", "33.61"))
    answer = await _order(pool, shop, _line("ROPE", "33.60"))
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    assert (lines[0]["quantity"], lines[0]["unit"]) == ("33.60", "metre")
    assert answer.body["total"] == {"amount_minor": 8568, "currency": "GBP"}
    assert await availability(pool, shop, "ROPE") == (314_000, 314_000)
    await _assert_reads_the_same(pool, shop, answer)


async def test_two_batches_of_fifty_in_opposite_order_do_not_deadlock(
    pool: asyncpg.Pool, database: str
) -> None:
    skus = [f"I-{number}" for number in range(6)]
    shop = await _shop(pool, *(an_item(sku) for sku in skus))
    for sku in skus:
        await add_stock(pool, shop, sku, bin0=100)

    async def batch(crowd: asyncpg.Pool, order: list[str]) -> list[Answer]:
        lines = [_line(sku, 1) for sku in order]
        return await asyncio.gather(*(_order(crowd, shop, *lines) for _ in range(50)))

    async with await open_pool(database, application="crowd", size_max=16, keyset=KEYSET) as crowd:
        there, back = await asyncio.gather(batch(crowd, skus), batch(crowd, skus[::-1]))
    assert {answer.status for answer in there + back} == {201}
    for sku in skus:
        assert await availability(pool, shop, sku) == (100, 100)


async def test_goods_on_their_way_are_sold_with_their_day_where_the_buyer_agrees(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, an_item("MUG"))
    await add_stock(pool, shop, "MUG", bin0=1)
    await _announce(pool, shop, "MUG", 5)
    with pytest.raises(Refused):
        await _order(pool, shop, _line("MUG", 2))
    answer = await _order(pool, shop, _line("MUG", 2), backorder=True)
    lines, fulfilments = answer.body["lines"], answer.body["fulfilment_orders"]
    assert isinstance(lines, list) and isinstance(fulfilments, list)
    assert (lines[0]["promise"], lines[0]["expected_at"]) == ("open", ARRIVAL.isoformat())
    assert answer.body["expected_at"] == ARRIVAL.isoformat()
    assert fulfilments[0]["state"] == "backordered"
    assert await differences(pool) == []


async def test_money_that_comes_late_may_wait_for_goods_on_their_way(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, an_item("MUG"))
    await add_stock(pool, shop, "MUG", bin0=2)
    order = await _order(pool, shop, _line("MUG", 2), backorder=True)
    await _expire(pool)
    await _order(pool, shop, _line("MUG", 2))
    await _announce(pool, shop, "MUG", 5)
    paid = await pay(pool, shop, order, now=LATE)
    holds, lines = paid.body["holds"], paid.body["lines"]
    assert isinstance(holds, list) and isinstance(lines, list)
    assert [hold["kind"] for hold in holds] == ["short"]
    assert (lines[0]["promise"], lines[0]["expected_at"]) == ("firm", ARRIVAL.isoformat())
    assert await differences(pool) == []


async def test_a_bundle_that_is_paid_late_is_claimed_again_by_its_components(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, an_item("CUP"), an_item("TIN"), _bundle("SET", CUP=2, TIN=1))
    await add_stock(pool, shop, "CUP", bin0=2)
    await add_stock(pool, shop, "TIN", bin1=1)
    order = await _order(pool, shop, _line("SET", 1))
    await _expire(pool)
    paid = await pay(pool, shop, order, now=LATE)
    lines = paid.body["lines"]
    assert isinstance(lines, list)
    assert (lines[0]["promise"], paid.body["holds"]) == ("firm", [])
    assert await availability(pool, shop, "CUP") == (2, 2)
    assert await availability(pool, shop, "TIN") == (1, 1)
    assert await differences(pool) == []


async def test_what_needs_approval_waits_for_somebody(pool: asyncpg.Pool) -> None:
    shop = await _shop(
        pool, replace(an_item("KNIFE"), needs_approval=True), _bundle("BOX", KNIFE=1)
    )
    await add_stock(pool, shop, "KNIFE", bin0=2)
    for sku in ("KNIFE", "BOX"):
        answer = await _order(pool, shop, _line(sku, 1))
        holds = answer.body["holds"]
        assert isinstance(holds, list)
        assert [hold["kind"] for hold in holds] == ["approval"]
        assert sku in holds[0]["reason"]


async def test_an_order_keeps_its_shop_s_channel_and_the_rank_of_its_service(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, an_item("MUG"))
    await add_stock(pool, shop, "MUG", bin0=2)
    async with staff_transaction(pool) as connection:
        await connection.execute("update shop set channel = 'web' where id = $1", shop.shop_id)
    order = replace(new_order([("MUG", 1)], "express"), service="express")
    request = Request(shop, "express", "orders", order.body_hash)
    answer = await place_order(pool, request, order, PROMISE_LASTS, NOW)
    [row] = await rows(
        pool,
        "select o.channel, o.rank_at, p.channel as promised, p.rank_at as promise_rank "
        "from shop_order o join order_line l on l.order_id = o.id "
        "join promise p on p.order_line_id = l.id where o.id = $1",
        order_id_of(answer),
    )
    rank = NOW - timedelta(hours=4)
    assert tuple(row) == ("web", rank, "web", rank)
    await _assert_reads_the_same(pool, shop, answer)

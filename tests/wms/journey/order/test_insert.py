"""Gifts and inserts: stocked lines that rules add and take out, and never a reason to wait."""

import asyncio
from dataclasses import replace
from datetime import timedelta

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
    enter_house,
    order_id_of,
    pay,
    rows,
    value,
)
from tests.key import KEYSET
from tests.wms.journey.order.editing import edit, sound
from tests.wms.journey.order.two import an_order, expect, part_ids, place, promised, shop_of_two
from tests.wms.journey.shop.selling import cancel, order
from wms.database.pool import open_pool, shop_transaction, staff_transaction
from wms.error import Refused
from wms.journey.claim.claim import expire_promises, lose_claims
from wms.journey.order.insert import put_insert_rule
from wms.journey.order.move import move_fulfilment
from wms.journey.order.order_view import order_view
from wms.journey.order.split import close_short
from wms.journey.request import Request
from wms.orders.insert import Attribute, InsertKind, InsertRule
from wms.orders.order import Fulfilment
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

LATE = NOW + PROMISE_LASTS + timedelta(seconds=1)
RULE = InsertRule("TEA", InsertKind.GIFT, "TEA", 2)


async def _shop(pool: asyncpg.Pool, *rules: InsertRule, teas: int = 10) -> Shop:
    """A shop that sells mugs and vases, with teas to add."""
    await enter_house(pool)
    shop = await add_shop(pool)
    vase = replace(an_item("VASE"), fragile=True)
    await add_items(pool, shop, an_item("MUG"), vase, an_item("TEA"), an_item("CARD"))
    await add_stock(pool, shop, "MUG", bin0=50)
    await add_stock(pool, shop, "VASE", bin1=50)
    if teas:
        await add_stock(pool, shop, "TEA", bin2=teas)
    for rule in rules or (RULE,):
        await put_insert_rule(pool, shop, rule)
    return shop


def _added(answer: Answer) -> list[tuple[str, int, str]]:
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    return [
        (line["sku"], line["quantity"], line["inserted_by"])
        for line in lines
        if line["inserted_by"] is not None and line["cancelled"] == 0
    ]


async def _view(pool: asyncpg.Pool, shop: Shop, order_id: int) -> Answer:
    async with shop_transaction(pool, shop.tenant_id) as connection:
        return Answer(200, await order_view(connection, shop, order_id))


async def _told(pool: asyncpg.Pool, order_id: int) -> list[dict[str, object]]:
    found = await rows(
        pool,
        "select data from event where order_id = $1 and type = 'order.inserts_changed' "
        "order by seq",
        order_id,
    )
    return [row["data"] for row in found]


async def test_a_gift_is_a_stocked_line_that_costs_nothing(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool)
    placed = await order(pool, shop, ("MUG", 1))
    assert _added(placed) == [("TEA", 2, "TEA")]
    line = placed.body["lines"][1]  # type: ignore[index]
    assert (line["unit_price"]["amount_minor"], line["promise"]) == (0, "open")
    assert line["insert_kind"] == "gift"
    assert placed.body["total"] == {"amount_minor": PRICE_MINOR, "currency": "GBP"}
    assert placed.body["holds"] == []
    assert await availability(pool, shop, "TEA") == (10, 2)
    (told,) = await _told(pool, order_id_of(placed))
    assert [row["rule"] for row in told["added"]] == ["TEA"]  # type: ignore[attr-defined]
    await pay(pool, shop, placed)
    await sound(pool)


async def test_without_stock_of_the_gift_the_order_goes_on_and_says_so(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, teas=1)
    placed = await order(pool, shop, ("MUG", 1))
    assert (placed.status, _added(placed), placed.body["holds"]) == (201, [], [])
    (told,) = await _told(pool, order_id_of(placed))
    assert told["left_out"] == [
        {"sku": "TEA", "rule": "TEA", "kind": "gift", "reason": "not in stock"}
    ]
    paid = await pay(pool, shop, placed)
    assert paid.body["holds"] == []


@pytest.mark.parametrize(
    ("rule", "lines", "met"),
    [
        (replace(RULE, total_minor_min=2 * PRICE_MINOR, currency="GBP"), [("MUG", 2)], True),
        (replace(RULE, total_minor_min=2 * PRICE_MINOR + 1, currency="GBP"), [("MUG", 2)], False),
        (replace(RULE, total_minor_min=1, currency="EUR"), [("MUG", 2)], False),
        (replace(RULE, skus=("VASE", "CARD")), [("MUG", 1), ("VASE", 1)], True),
        (replace(RULE, skus=("VASE",)), [("MUG", 1)], False),
        (replace(RULE, attribute=Attribute.FRAGILE), [("VASE", 1)], True),
        (replace(RULE, attribute=Attribute.FRAGILE), [("MUG", 1)], False),
        (replace(RULE, countries=("DE", "GB")), [("MUG", 1)], True),
        (replace(RULE, countries=("DE",)), [("MUG", 1)], False),
        (replace(RULE, starts_at=NOW, ends_at=LATE), [("MUG", 1)], True),
        (replace(RULE, ends_at=NOW), [("MUG", 1)], False),
        (replace(RULE, active=False), [("MUG", 1)], False),
    ],
)
async def test_all_that_a_rule_asks_has_to_be_met(
    pool: asyncpg.Pool, rule: InsertRule, lines: list[tuple[str, int]], met: bool
) -> None:
    shop = await _shop(pool, rule)
    assert bool(_added(await order(pool, shop, *lines))) is met


@pytest.mark.parametrize("once", [{"once_per_buyer": True}, {"first_order": True}])
async def test_of_a_buyer_s_orders_at_once_one_gets_what_is_given_once(
    pool: asyncpg.Pool, database: str, once: dict[str, bool]
) -> None:
    shop = await _shop(pool, replace(RULE, **once))  # type: ignore[arg-type]
    async with await open_pool(database, application="crowd", size_max=6, keyset=KEYSET) as crowd:
        placed = await asyncio.gather(*(order(crowd, shop, ("MUG", 1)) for _ in range(6)))
    assert sum(bool(_added(one)) for one in placed) == 1
    assert _added(await order(pool, shop, ("MUG", 1), buyer="bob@example.com"))
    assert not _added(await order(pool, shop, ("MUG", 1), buyer=""))


async def test_what_is_given_once_is_given_again_after_its_order_was_cancelled(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, replace(RULE, once_per_buyer=True))
    first = await order(pool, shop, ("MUG", 1))
    await cancel(pool, shop, order_id_of(first))
    assert await availability(pool, shop, "TEA") == (10, 0)
    assert _added(await order(pool, shop, ("MUG", 1)))


@pytest.mark.parametrize("paid", [False, True])
async def test_an_order_that_an_edit_makes_too_small_loses_its_gift_and_may_earn_it_again(
    pool: asyncpg.Pool, paid: bool
) -> None:
    shop = await _shop(pool, replace(RULE, total_minor_min=3 * PRICE_MINOR, currency="GBP"))
    placed = await order(pool, shop, ("MUG", 3))
    number = order_id_of(placed)
    if paid:
        await pay(pool, shop, placed)
    await edit(pool, shop, number, (1, 1))
    assert _added(await _view(pool, shop, number)) == []
    assert await availability(pool, shop, "TEA") == (10, 0)
    assert [row["line"] for row in (await _told(pool, number))[1]["removed"]] == [2]  # type: ignore[attr-defined]
    await edit(pool, shop, number, (1, 4))
    assert _added(await _view(pool, shop, number)) == [("TEA", 2, "TEA")]
    assert await availability(pool, shop, "TEA") == (10, 2)
    await sound(pool)


async def test_an_order_is_never_edited_down_to_its_gifts(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool)
    number = order_id_of(await order(pool, shop, ("MUG", 3)))
    with pytest.raises(Refused) as refusal:
        await edit(pool, shop, number, (1, 0))
    assert refusal.value.code == "nothing_left"


async def test_money_that_comes_late_is_not_turned_away_for_a_gift_that_is_gone(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, teas=2)
    placed = await order(pool, shop, ("MUG", 1))
    await expire_promises(pool, LATE)
    await order(pool, shop, ("TEA", 1), now=LATE, buyer="bob@example.com")
    paid = await pay(pool, shop, placed, now=LATE)
    assert (paid.body["holds"], _added(paid)) == ([], [])
    assert await availability(pool, shop, "MUG") == (50, 1)
    assert (await _told(pool, order_id_of(placed)))[-1]["removed"]
    await sound(pool)


async def test_a_gift_that_turns_out_to_be_missing_holds_no_order(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, teas=2)
    placed = await order(pool, shop, ("MUG", 1))
    await pay(pool, shop, placed)
    item_id = await value(
        pool, "select id from item where sku = 'TEA' and owner_id = $1", shop.owner_id
    )
    warehouse_id = await value(pool, "select id from warehouse")
    async with staff_transaction(pool) as connection:
        await lose_claims(connection, int(str(item_id)), int(str(warehouse_id)), 1, "test", NOW)
    after = await _view(pool, shop, order_id_of(placed))
    assert (after.body["holds"], _added(after)) == ([], [])
    assert await availability(pool, shop, "TEA") == (2, 0)


async def test_only_plain_goods_are_added(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool)
    await add_items(pool, shop, replace(an_item("GUN"), needs_approval=True))
    for sku, code in (("GUN", "not_insertable"), ("PAN", "unknown_item")):
        with pytest.raises(Refused) as refusal:
            await put_insert_rule(pool, shop, replace(RULE, sku=sku))
        assert (refusal.value.code, refusal.value.pointer) == (code, "/sku")


async def test_words_of_a_present_are_sealed_and_shown(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, replace(RULE, active=False))
    placed = await order(pool, shop, ("MUG", 1), gift_message="For <b>Ada</b> 🎁")
    assert placed.body["gift_message"] == {"text": "For <b>Ada</b> 🎁"}
    number = order_id_of(placed)
    raw = await value(pool, "select gift_message::text from shop_order where id = $1", number)
    assert "<b>Ada" not in str(raw)
    kept = await value(
        pool, "select count(*) from command where response::text like '%For <b>Ada%'"
    )
    assert kept == 0


async def test_an_order_moves_without_a_gift_that_is_not_there(house: asyncpg.Pool) -> None:
    shop = await shop_of_two(house, MUG=(5, 5), TEA=(5, 0))
    await put_insert_rule(house, shop, RULE)
    placed = await place(house, shop, an_order("1", ("MUG", 2)))
    assert _added(placed) == [("TEA", 2, "TEA")]
    request = Request(shop, "move", "parts", b"move")
    [number] = part_ids(placed)
    moved = await move_fulfilment(house, request, number, "SOUTH", None, NOW)
    assert _added(moved) == []
    assert await promised(house, shop) == {
        ("MUG", "MAIN"): (5, 0, 0),
        ("MUG", "SOUTH"): (5, 2, 0),
        ("TEA", "MAIN"): (5, 0, 0),
    }
    assert (await _told(house, order_id_of(placed)))[-1]["removed"]
    await sound(house)


async def test_an_order_that_is_closed_short_loses_what_it_earns_no_more(
    house: asyncpg.Pool,
) -> None:
    shop = await shop_of_two(house, MUG=(3, 0), TEA=(5, 5))
    await put_insert_rule(
        house, shop, replace(RULE, total_minor_min=5 * PRICE_MINOR, currency="GBP")
    )
    await expect(house, shop, "MUG", "MAIN", 9)
    wanted = replace(an_order("1", ("MUG", 5)), backorder=True, fulfilment=Fulfilment.SHIP_TOGETHER)
    placed = await place(house, shop, wanted)
    assert _added(placed) == [("TEA", 2, "TEA")]
    await pay(house, shop, placed)
    [number] = part_ids(placed)
    request = Request(shop, "close", "parts", b"close")
    await close_short(house, request, order_id_of(placed), number, None, NOW)
    after = await _view(house, shop, order_id_of(placed))
    assert _added(after) == []
    assert (await _told(house, order_id_of(placed)))[-1]["removed"] == [
        {"line": 2, "sku": "TEA", "reason": "the order does not meet the rule any more"}
    ]
    await sound(house)

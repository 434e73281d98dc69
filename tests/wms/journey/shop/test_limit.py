"""What one buyer may have is never exceeded, and comes back whichever way an order dies."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PROMISE_LASTS,
    add_items,
    add_shop,
    add_stock,
    an_item,
    availability,
    differences,
    enter_house,
    order_id_of,
    pay,
    rows,
    value,
)
from tests.key import KEYSET
from tests.wms.journey.order.editing import edit
from tests.wms.journey.shop.selling import DROP, HOUR, cancel, order, refused, sell
from wms.database.pool import open_pool
from wms.error import Refused
from wms.items.item import Component, ItemKind
from wms.journey.claim.claim import expire_promises
from wms.promise.sale import Share
from wms.tenants.shop import Shop

LATE = NOW + PROMISE_LASTS + timedelta(seconds=1)
DAY = timedelta(days=1)


async def _shop(pool: asyncpg.Pool, limit: int, days: int | None = None, stock: int = 100) -> Shop:
    """A shop with cups of which one buyer gets so many, and mugs without a limit."""
    await enter_house(pool)
    shop = await add_shop(pool)
    cup = replace(an_item("CUP"), limit_per_buyer=limit, limit_days=days)
    pair = replace(an_item("PAIR"), kind=ItemKind.BUNDLE, components=(Component("CUP", 2),))
    await add_items(pool, shop, cup, an_item("MUG"), pair)
    await add_stock(pool, shop, "CUP", bin0=stock)
    await add_stock(pool, shop, "MUG", bin1=stock)
    return shop


async def test_a_buyer_gets_no_more_than_the_limit_and_hears_what_is_left(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, 3)
    await order(pool, shop, ("MUG", 9), ("CUP", 2))
    refusal = await refused(pool, shop, ("MUG", 1), ("CUP", 2))
    assert (refusal.code, refusal.pointer) == ("buyer_limit", "/lines/1/quantity")
    assert "at most 3 of CUP; 1 remaining" in refusal.detail
    assert refusal.facts == {"limit": 3, "remaining": 1}
    assert (await order(pool, shop, ("CUP", 1))).status == 201
    assert (await order(pool, shop, ("CUP", 3), buyer="bob@example.com")).status == 201
    assert await availability(pool, shop, "CUP") == (100, 6)


async def test_two_lines_and_bundles_count_for_what_they_hold(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 3)
    for lines in ([("CUP", 2), ("CUP", 2)], [("PAIR", 1), ("CUP", 2)], [("PAIR", 2)]):
        assert (await refused(pool, shop, *lines)).code == "buyer_limit"
    await order(pool, shop, ("PAIR", 1))
    assert (await refused(pool, shop, ("CUP", 2))).code == "buyer_limit"
    await order(pool, shop, ("CUP", 1))


async def test_a_guest_who_cannot_be_told_apart_gets_nothing_limited(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 1)
    refusal = await refused(pool, shop, ("CUP", 1), buyer="")
    assert (refusal.code, refusal.pointer) == ("buyer_unknown", "/customer")
    assert (await order(pool, shop, ("MUG", 1), buyer="")).status == 201


async def test_the_same_buyer_twenty_times_at_once_never_exceeds_the_limit(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await _shop(pool, 3)

    async def one(crowd: asyncpg.Pool) -> bool:
        try:
            await order(crowd, shop, ("CUP", 1))
        except Refused as refusal:
            assert refusal.code == "buyer_limit"
            return False
        return True

    async with await open_pool(database, application="crowd", size_max=12, keyset=KEYSET) as crowd:
        won = await asyncio.gather(*(one(crowd) for _ in range(20)))
    assert sum(won) == 3
    assert await availability(pool, shop, "CUP") == (100, 3)


async def test_a_cancelled_order_counts_no_more(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 1)
    first = await order(pool, shop, ("CUP", 1))
    await cancel(pool, shop, order_id_of(first))
    second = await order(pool, shop, ("CUP", 1))
    await pay(pool, shop, second)
    await cancel(pool, shop, order_id_of(second))
    assert (await order(pool, shop, ("CUP", 1))).status == 201


async def test_an_order_that_expires_unpaid_counts_no_more(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 1)
    await order(pool, shop, ("CUP", 1))
    await expire_promises(pool, LATE)
    assert (await order(pool, shop, ("CUP", 1), now=LATE)).status == 201


async def test_money_for_an_expired_order_buys_no_second_piece(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 1)
    first = await order(pool, shop, ("CUP", 1))
    await expire_promises(pool, LATE)
    await pay(pool, shop, await order(pool, shop, ("CUP", 1), now=LATE), now=LATE)
    late = await pay(pool, shop, first, now=LATE)
    assert [hold["kind"] for hold in late.body["holds"]] == ["paid_too_late"]  # type: ignore[attr-defined]
    told = await rows(
        pool,
        "select data from event where order_id = $1 and type = 'order.refund_advised'",
        order_id_of(first),
    )
    assert [row["data"]["reason"] for row in told] == ["buyer_limit"]
    assert await availability(pool, shop, "CUP") == (100, 1)


async def test_money_for_an_expired_order_is_welcome_where_the_limit_has_room(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, 1)
    first = await order(pool, shop, ("CUP", 1))
    await expire_promises(pool, LATE)
    assert (await pay(pool, shop, first, now=LATE)).body["holds"] == []
    assert (await refused(pool, shop, ("CUP", 1), now=LATE)).code == "buyer_limit"


async def test_an_edit_gives_back_and_takes_within_the_limit(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 3)
    number = order_id_of(await order(pool, shop, ("CUP", 3), ("MUG", 1)))
    with pytest.raises(Refused) as refusal:
        await edit(pool, shop, number, (1, 4))
    assert (refusal.value.code, refusal.value.pointer) == ("buyer_limit", "/lines/0/quantity")
    with pytest.raises(Refused) as refusal:
        await edit(pool, shop, number, add=(("CUP", 1),))
    assert refusal.value.code == "buyer_limit"
    await edit(pool, shop, number, (1, 1))
    assert (await order(pool, shop, ("CUP", 2))).status == 201
    assert (await refused(pool, shop, ("CUP", 1))).code == "buyer_limit"


async def test_a_limit_of_days_opens_again(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 1, days=7)
    await order(pool, shop, ("CUP", 1))
    assert (await refused(pool, shop, ("CUP", 1), now=NOW + 7 * DAY)).code == "buyer_limit"
    later = NOW + 7 * DAY + timedelta(seconds=1)
    assert (await order(pool, shop, ("CUP", 1), now=later)).status == 201


async def test_a_sale_has_a_limit_of_its_own_while_it_runs(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 50)
    await order(pool, shop, ("MUG", 5), now=NOW - HOUR)
    await sell(pool, shop, "MUG", limit=2)
    await order(pool, shop, ("MUG", 2))
    refusal = await refused(pool, shop, ("MUG", 1))
    assert refusal.code == "buyer_limit"
    assert f"during {DROP}; 0 remaining" in refusal.detail
    assert (await order(pool, shop, ("MUG", 5), now=NOW + HOUR)).status == 201


async def test_a_class_comes_first_to_a_bounded_share_and_only_for_its_minutes(
    pool: asyncpg.Pool,
) -> None:
    shop = await _shop(pool, 50, stock=10)
    await sell(pool, shop, "MUG", classes=(Share("gold", 20, 5),), quantity=10)
    assert (await refused(pool, shop, ("MUG", 9))).code == "not_available"
    assert (await order(pool, shop, ("MUG", 8))).status == 201
    lost = await refused(pool, shop, ("MUG", 1))
    assert (lost.code, lost.pointer) == ("not_available", "/lines/0/quantity")
    assert (await order(pool, shop, ("MUG", 1), buyer_class="gold")).status == 201
    assert (await refused(pool, shop, ("MUG", 1))).code == "not_available"
    later = NOW + timedelta(minutes=5)
    assert (await order(pool, shop, ("MUG", 1), now=later)).status == 201
    assert await availability(pool, shop, "MUG") == (10, 10)
    noted = await value(
        pool, "select count(*) from refused_demand where tenant_id = $1", shop.tenant_id
    )
    assert noted == 3


async def test_a_class_that_took_its_share_stands_in_line_with_all(pool: asyncpg.Pool) -> None:
    shop = await _shop(pool, 50, stock=10)
    await sell(pool, shop, "MUG", classes=(Share("gold", 20, 5),), quantity=10)
    await order(pool, shop, ("MUG", 5), buyer_class="gold")
    assert (await order(pool, shop, ("MUG", 5))).status == 201


async def _lost_by(pool: asyncpg.Pool, shop: Shop) -> dict[str, int]:
    """The place in the order of arrival of whoever got nothing, by the number of the order."""
    found = await rows(
        pool,
        "select external_order_id, admission from refused_demand where tenant_id = $1",
        shop.tenant_id,
    )
    return {row["external_order_id"]: row["admission"] for row in found}


async def test_of_a_thousand_buyers_at_once_the_first_hundred_win_and_a_class_has_its_share(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await _shop(pool, 1, stock=100)
    await sell(pool, shop, "CUP", classes=(Share("gold", 20, 5),), quantity=100)
    won: dict[int, int] = {}
    lost: dict[int, str] = {}

    async def one(crowd: asyncpg.Pool, number: int) -> None:
        name = f"crowd {number}"
        try:
            answer = await order(
                crowd,
                shop,
                ("CUP", 1),
                buyer=f"buyer{number}@example.com",
                external_order_id=name,
                buyer_class="gold" if number % 5 == 0 else "",
            )
        except Refused as refusal:
            assert refusal.code == "not_available"
            lost[number] = name
        else:
            won[number] = int(str(answer.body["admission"]))

    async with await open_pool(database, application="crowd", size_max=12, keyset=KEYSET) as crowd:
        await asyncio.gather(*(one(crowd, number) for number in range(1_000)))
    assert (len(won), len(lost)) == (100, 900)
    places = await _lost_by(pool, shop)
    # Within a class nobody who came later won; between classes the bounded share alone decides.
    for golden in (True, False):
        winners = [place for number, place in won.items() if (number % 5 == 0) is golden]
        losers = [places[name] for number, name in lost.items() if (number % 5 == 0) is golden]
        assert max(winners) < min(losers)
    assert sum(number % 5 == 0 for number in won) >= 20
    assert await value(pool, "select taken from sale_share where kept = 20") == 20
    assert await availability(pool, shop, "CUP") == (100, 100)
    assert await differences(pool) == []


async def test_of_a_buyer_s_tries_at_once_one_wins_and_the_pieces_stay_for_others(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await _shop(pool, 1, stock=100)
    codes: list[str] = []

    async def one(crowd: asyncpg.Pool, number: int) -> str | None:
        buyer = f"buyer{number % 50}@example.com"
        try:
            await order(crowd, shop, ("CUP", 1), buyer=buyer)
        except Refused as refusal:
            codes.append(refusal.code)
            return None
        return buyer

    async with await open_pool(database, application="crowd", size_max=12, keyset=KEYSET) as crowd:
        tried = await asyncio.gather(*(one(crowd, number) for number in range(200)))
    won = [found for found in tried if found is not None]
    assert len(won) == len(set(won)) == 50
    assert codes == ["buyer_limit"] * 150
    assert await availability(pool, shop, "CUP") == (100, 50)

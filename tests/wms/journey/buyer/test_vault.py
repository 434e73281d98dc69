"""Codes that run out: nobody gets one, and nobody loses more than what ran out."""

import asyncio
from datetime import timedelta

import asyncpg

from tests import builders
from tests.builders import NOW, availability, order_id_of, rows
from tests.wms.journey.buyer.shelf import buy_by_mail, codes_of, digital_shop, parts, put_codes
from wms.journey.buyer.digital import deliver
from wms.journey.buyer.vault import expire_codes
from wms.outbox.command import Answer

LATER = NOW + timedelta(days=1)


async def holds_of(pool: asyncpg.Pool, order: Answer) -> list[str]:
    found = await rows(
        pool,
        "select h.kind from hold h join fulfilment_order f on f.id = h.fulfilment_order_id "
        "where f.order_id = $1 and h.lifted_at is null order by h.id",
        order_id_of(order),
    )
    return [row["kind"] for row in found]


async def test_two_that_look_at_once_take_what_ran_out_once(house: asyncpg.Pool) -> None:
    shop = await digital_shop(house)
    await put_codes(house, shop, "SOON", until=LATER)
    await put_codes(house, shop, "A", "B", "C")
    orders = [await buy_by_mail(house, shop, ("GAME", 1)) for _ in range(4)]
    for order in orders:
        await builders.pay(house, shop, order)
    counts = await asyncio.gather(*(expire_codes(house, LATER) for _ in range(4)))
    assert sum(counts) == 1
    assert await availability(house, shop, "GAME") == (3, 3)
    held = [await holds_of(house, order) for order in orders]
    assert held == [[], [], [], ["stock_lost"]]
    assert await builders.differences(house) == []


async def test_codes_that_ran_out_a_moment_ago_are_lost_before_anybody_is_found_short(
    house: asyncpg.Pool,
) -> None:
    shop = await digital_shop(house)
    await put_codes(house, shop, "SOON", "SOON TOO", until=LATER)
    first = await buy_by_mail(house, shop, ("GAME", 1))
    second = await buy_by_mail(house, shop, ("GAME", 1))
    for order in (first, second):
        await builders.pay(house, shop, order)
    await put_codes(house, shop, "EVER")
    for order in (second, first):
        number, _ = await parts(house, order)
        await deliver(house, number, LATER)
    assert await codes_of(house, second) == ["EVER"]
    assert await holds_of(house, first) == ["stock_lost"]
    assert await availability(house, shop, "GAME") == (0, 0)
    assert await builders.differences(house) == []

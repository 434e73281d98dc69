"""Order in: accepted once with a promise on every line, or refused with a reason."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PROMISE_LASTS,
    add_shop,
    add_stock,
    availability,
    buy,
    differences,
    order_id_of,
    pay,
    rows,
    stocked_shop,
    value,
)
from tests.key import KEYSET
from wms.database.pool import open_pool
from wms.error import Conflict, NotFound, Refused
from wms.journey.claim.claim import expire_promises
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

pytestmark = pytest.mark.both_servers
LATE = NOW + PROMISE_LASTS + timedelta(seconds=1)


async def _orders(pool: asyncpg.Pool, shop: Shop) -> int:
    found = await value(
        pool, "select count(*) from shop_order where tenant_id = $1", shop.tenant_id
    )
    assert isinstance(found, int)
    return found


def _assert_answered_or_in_flight(answers: list[Answer | BaseException]) -> None:
    assert any(isinstance(answer, Answer) for answer in answers)
    others = [answer for answer in answers if not isinstance(answer, Answer)]
    assert {getattr(other, "code", repr(other)) for other in others} <= {"in_flight"}


async def _try(pool: asyncpg.Pool, shop: Shop, number: int) -> int | None:
    try:
        answer = await buy(pool, shop, ("MUG", 1), number=f"buyer {number}")
    except Refused as refusal:
        assert refusal.code == "not_available"
        return None
    admission = answer.body["admission"]
    assert isinstance(admission, int)
    return admission


async def test_of_twenty_buyers_at_once_ten_get_the_ten_pieces(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await stocked_shop(pool, MUG=10)
    before = await value(pool, "select coalesce(max(admission), 0) from shop_order")
    async with await open_pool(database, application="crowd", size_max=20, keyset=KEYSET) as crowd:
        tried = await asyncio.gather(*(_try(crowd, shop, number) for number in range(20)))
    won = sorted(admission for admission in tried if admission is not None)
    assert len(won) == 10
    assert await availability(pool, shop, "MUG") == (10, 10)
    assert isinstance(before, int) and won[0] > before
    lost = await rows(
        pool, "select admission from refused_demand where tenant_id = $1", shop.tenant_id
    )
    assert len(lost) == 10
    # No loser drew a number before or among the winners.
    assert won[-1] < min(row["admission"] for row in lost)
    assert await differences(pool) == []


async def test_an_accepted_order_has_a_promise_on_every_line(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5, CUP=5)
    answer = await buy(pool, shop, ("MUG", 2), ("CUP", 3))
    assert answer.status == 201
    assert answer.body["state"] == "accepted"
    assert answer.body["promise_expires_at"] == (NOW + PROMISE_LASTS).isoformat()
    lines = answer.body["lines"]
    assert isinstance(lines, list)
    assert [(line["sku"], line["promise"]) for line in lines] == [("MUG", "open"), ("CUP", "open")]


async def test_a_repeat_of_a_key_gets_the_first_answer(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    first = await buy(pool, shop, ("MUG", 2), number="1", key="k")
    await pay(pool, shop, first)
    again = await buy(pool, shop, ("MUG", 2), number="1", key="k", now=LATE)
    assert again.replayed
    assert (again.status, again.body) == (first.status, first.body)
    assert await availability(pool, shop, "MUG") == (5, 2)


async def test_a_key_is_not_used_for_another_order(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    await buy(pool, shop, ("MUG", 2), key="k")
    with pytest.raises(Refused) as refusal:
        await buy(pool, shop, ("MUG", 1), key="k")
    assert refusal.value.code == "idempotency_key_reused"
    assert await _orders(pool, shop) == 1


async def test_two_shops_may_use_the_same_key_and_number(pool: asyncpg.Pool) -> None:
    for shop in (await stocked_shop(pool, MUG=1), await stocked_shop(pool, MUG=1)):
        assert (await buy(pool, shop, ("MUG", 1), number="1", key="k")).status == 201


async def test_the_same_order_under_another_key_is_the_original(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    first = await buy(pool, shop, ("MUG", 2), number="7")
    again = await buy(pool, shop, ("MUG", 2), number="7")
    assert (again.status, again.body["id"]) == (200, first.body["id"])
    assert await availability(pool, shop, "MUG") == (5, 2)


async def test_another_order_under_the_same_number_is_a_conflict(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    await buy(pool, shop, ("MUG", 2), number="7")
    with pytest.raises(Conflict) as refusal:
        await buy(pool, shop, ("MUG", 3), number="7")
    assert (refusal.value.code, refusal.value.pointer) == ("order_differs", "/external_order_id")


async def test_one_key_in_flight_twice_makes_one_order(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    answers = await asyncio.gather(
        *(buy(pool, shop, ("MUG", 1), number="1", key="k") for _ in range(6)),
        return_exceptions=True,
    )
    _assert_answered_or_in_flight(answers)
    assert await _orders(pool, shop) == 1
    assert await availability(pool, shop, "MUG") == (5, 1)


async def test_one_number_in_flight_under_two_keys_makes_one_order(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    answers = await asyncio.gather(
        *(buy(pool, shop, ("MUG", 1), number="1") for _ in range(6)), return_exceptions=True
    )
    _assert_answered_or_in_flight(answers)
    assert await _orders(pool, shop) == 1
    assert await availability(pool, shop, "MUG") == (5, 1)
    assert (await buy(pool, shop, ("MUG", 1), number="1")).status == 200


async def test_refused_demand_is_noted_and_nothing_is_promised(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5, CUP=1)
    with pytest.raises(Refused) as refusal:
        await buy(pool, shop, ("MUG", 2), ("CUP", 3), number="9")
    assert (refusal.value.code, refusal.value.pointer) == ("not_available", "/lines/1/quantity")
    assert await availability(pool, shop, "MUG") == (5, 0)
    assert await _orders(pool, shop) == 0
    [noted] = await rows(
        pool,
        "select i.sku, d.quantity, d.available, d.external_order_id from refused_demand d "
        "join item i on i.id = d.item_id where d.tenant_id = $1",
        shop.tenant_id,
    )
    assert tuple(noted) == ("CUP", 3, 1, "9")


async def test_a_refused_order_gets_the_same_refusal_under_its_key(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=1)
    with pytest.raises(Refused) as first:
        await buy(pool, shop, ("MUG", 2), number="9", key="k")
    await add_stock(pool, shop, "MUG", bin1=1)
    with pytest.raises(Refused) as again:
        await buy(pool, shop, ("MUG", 2), number="9", key="k")
    assert not first.value.replayed and again.value.replayed
    assert (again.value.code, again.value.detail) == (first.value.code, first.value.detail)
    refused = "select count(*) from refused_demand where tenant_id = $1"
    assert await value(pool, refused, shop.tenant_id) == 1
    assert (await buy(pool, shop, ("MUG", 2), number="9")).status == 201


async def test_an_unknown_item_is_refused_again_under_its_key(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=1)
    for replayed in (False, True):
        with pytest.raises(Refused) as refusal:
            await buy(pool, shop, ("VASE", 1), number="1", key="k")
        assert (refusal.value.code, refusal.value.replayed) == ("unknown_item", replayed)


async def test_two_lines_of_one_item_are_both_promised(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=10)
    with pytest.raises(Refused):
        await buy(pool, shop, ("MUG", 6), ("MUG", 5))
    order = await buy(pool, shop, ("MUG", 6), ("mug", 4))
    promised = await rows(
        pool,
        "select p.quantity from promise p join order_line l on l.id = p.order_line_id "
        "where l.order_id = $1 order by l.line",
        order_id_of(order),
    )
    assert [row["quantity"] for row in promised] == [6, 4]
    assert await availability(pool, shop, "MUG") == (10, 10)


async def test_a_sku_in_lower_case_is_the_same_item(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, (" mug ", 3))
    lines = order.body["lines"]
    assert isinstance(lines, list)
    assert lines[0]["sku"] == "MUG"
    assert await availability(pool, shop, "MUG") == (3, 3)


async def test_an_unknown_item_points_at_its_line(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    with pytest.raises(Refused) as refusal:
        await buy(pool, shop, ("MUG", 1), ("POST", 1))
    assert (refusal.value.code, refusal.value.pointer) == ("unknown_item", "/lines/1/sku")
    assert await availability(pool, shop, "MUG") == (3, 0)


async def test_another_tenant_s_item_is_unknown(pool: asyncpg.Pool) -> None:
    await stocked_shop(pool, VASE=3)
    shop = await stocked_shop(pool, MUG=3)
    with pytest.raises(Refused, match="VASE"):
        await buy(pool, shop, ("VASE", 1))


async def test_what_one_order_holds_is_not_sold_to_another(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    with pytest.raises(Refused):
        await buy(pool, shop, ("MUG", 2))
    await expire_promises(pool, NOW)
    assert await availability(pool, shop, "MUG") == (3, 2)
    for _ in range(2):
        await expire_promises(pool, LATE)
        assert await availability(pool, shop, "MUG") == (3, 0)
    assert (await buy(pool, shop, ("MUG", 2))).status == 201
    told = await rows(
        pool, "select type from event where order_id = $1 order by seq", order_id_of(order)
    )
    assert [row["type"] for row in told] == ["order.accepted", "order.promise_expired"]
    assert await differences(pool) == []


async def test_an_order_of_another_tenant_cannot_be_paid(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 1))
    with pytest.raises(NotFound) as refusal:
        await pay(pool, await add_shop(pool), order)
    assert refusal.value.code == "unknown_order"

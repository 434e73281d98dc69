"""The queue before a sale: who comes first is let in first, and no piece is lost on the way."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import NOW, availability, order_id_of, rows, stocked_shop, value
from tests.key import KEYSET
from tests.wms.journey.shop.selling import DROP, HOUR, cancel, order, refused, sell, ticket
from wms.database.pool import open_pool, staff_transaction
from wms.error import Conflict, NotFound, Refused
from wms.journey.buyer.erasure import Subject, erase
from wms.journey.request import Request
from wms.journey.shop.sale import admission, admit_all, end_sale
from wms.outbox.command import Answer, body_hash
from wms.promise import commands as promise
from wms.promise.sale import Queue, Share
from wms.tenants.shop import Shop

MINUTE = timedelta(minutes=1)
QUEUE = Queue(ticket_s=60)


def _id(answer: Answer) -> int:
    return int(str(answer.body["id"]))


async def _drop(pool: asyncpg.Pool, pieces: int, queue: Queue = QUEUE) -> Shop:
    shop = await stocked_shop(pool, MUG=pieces, CUP=50)
    await sell(pool, shop, "MUG", queue=queue)
    return shop


async def test_as_many_are_let_in_as_there_are_pieces_and_the_rest_know_their_place(
    pool: asyncpg.Pool,
) -> None:
    shop = await _drop(pool, 3)
    tickets = [await ticket(pool, shop, f"b{number}@example.com") for number in range(8)]
    said = [
        (t.body["number"], t.body["state"], t.body["place"], t.body["outlook"]) for t in tickets
    ]
    assert said[:3] == [(number, "admitted", None, None) for number in (1, 2, 3)]
    assert said[3:7] == [
        (4, "waiting", 1, "possible"),
        (5, "waiting", 2, "possible"),
        (6, "waiting", 3, "possible"),
        (7, "waiting", 4, "unlikely"),
    ]
    assert tickets[3].body["wait_s_min"] == 60
    assert tickets[7].body["wait_s_min"] is None


async def test_an_order_of_the_sale_needs_an_admitted_ticket_of_its_buyer(
    pool: asyncpg.Pool,
) -> None:
    shop = await _drop(pool, 1)
    first, second = [await ticket(pool, shop, mail) for mail in ("a@x.org", "b@x.org")]
    mug = ("MUG", 1)
    refusal = await refused(pool, shop, mug, buyer="a@x.org")
    assert (refusal.code, refusal.pointer) == ("admission_needed", "/admission_id")
    for said, code in (
        ({"buyer": "b@x.org", "admission_id": _id(second)}, "admission_waiting"),
        ({"buyer": "c@x.org", "admission_id": _id(first)}, "admission_differs"),
        ({"buyer": "a@x.org", "admission_id": 10**9}, "unknown_admission"),
        (
            {"buyer": "a@x.org", "admission_id": _id(first), "now": NOW + MINUTE},
            "admission_expired",
        ),
    ):
        assert (await refused(pool, shop, mug, **said)).code == code
    assert (
        await refused(pool, shop, ("CUP", 1), buyer="a@x.org", admission_id=_id(first))
    ).code == ("admission_differs")
    won = await order(pool, shop, mug, buyer="a@x.org", admission_id=_id(first))
    used = await admission(pool, shop, _id(first), NOW)
    assert (used["state"], used["order_id"]) == ("used", order_id_of(won))
    again = await refused(pool, shop, mug, buyer="a@x.org", admission_id=_id(first))
    assert again.code == "admission_used"


async def test_of_two_orders_with_one_ticket_at_once_one_is_accepted(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await _drop(pool, 2)
    held = _id(await ticket(pool, shop, "a@x.org"))
    async with await open_pool(database, application="crowd", size_max=4, keyset=KEYSET) as crowd:
        tried = await asyncio.gather(
            *(order(crowd, shop, ("MUG", 1), buyer="a@x.org", admission_id=held) for _ in range(4)),
            return_exceptions=True,
        )
    assert sorted(type(one).__name__ for one in tried) == ["Answer", *["Refused"] * 3]
    assert await availability(pool, shop, "MUG") == (2, 1)


async def test_what_is_not_used_in_time_goes_to_the_next(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 2)
    held = [_id(await ticket(pool, shop, f"b{number}@x.org")) for number in range(5)]
    await order(pool, shop, ("MUG", 1), buyer="b1@x.org", admission_id=held[1])
    await admit_all(pool, NOW + MINUTE)
    states = [(await admission(pool, shop, one, NOW + MINUTE))["state"] for one in held]
    assert states == ["expired", "used", "admitted", "waiting", "waiting"]
    assert (await admission(pool, shop, held[3], NOW + MINUTE))["place"] == 1
    told = await rows(
        pool,
        "select subject, type from event where tenant_id = $1 and type like 'admission.%' "
        "order by seq",
        shop.tenant_id,
    )
    assert [(row["subject"], row["type"]) for row in told] == [
        (f"admission/{held[0]}", "admission.admitted"),
        (f"admission/{held[1]}", "admission.admitted"),
        (f"admission/{held[0]}", "admission.expired"),
        (f"admission/{held[2]}", "admission.admitted"),
    ]
    late = await ticket(pool, shop, "b0@x.org", now=NOW + MINUTE)
    assert (late.status, late.body["number"], late.body["place"]) == (201, 6, 3)


async def test_no_piece_is_lost_to_somebody_who_wants_more_than_there_is(
    pool: asyncpg.Pool,
) -> None:
    shop = await _drop(pool, 3)
    first = await ticket(pool, shop, "a@x.org", 2)
    greedy = await ticket(pool, shop, "b@x.org", 5)
    small = await ticket(pool, shop, "c@x.org", 1)
    assert [one.body["state"] for one in (first, greedy, small)] == [
        "admitted",
        "waiting",
        "admitted",
    ]
    assert greedy.body["outlook"] == "unlikely"
    after = await ticket(pool, shop, "d@x.org", 1)
    assert (after.body["state"], after.body["place"]) == ("waiting", 2)


async def test_who_asks_again_keeps_the_place(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 0)
    first = await ticket(pool, shop, "a@x.org")
    await ticket(pool, shop, "b@x.org")
    again = await ticket(pool, shop, "A@X.org ", 3)
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body


async def test_no_more_are_let_in_a_minute_than_the_shop_wants(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 100, Queue(per_minute=2, ticket_s=600))
    held = [await ticket(pool, shop, f"b{number}@x.org") for number in range(6)]
    assert [one.body["state"] for one in held] == ["admitted"] * 2 + ["waiting"] * 4
    assert [one.body["wait_s_min"] for one in held[2:]] == [0, 0, 60, 60]
    assert [one.body["outlook"] for one in held[2:]] == ["likely"] * 4
    for minutes, let_in in ((0.5, 2), (1, 4), (1.5, 4), (2, 6)):
        now = NOW + minutes * MINUTE
        await admit_all(pool, now)
        states = [(await admission(pool, shop, _id(one), now))["state"] for one in held]
        assert states == ["admitted"] * let_in + ["waiting"] * (6 - let_in)


async def test_of_a_thousand_buyers_at_once_the_first_ones_are_let_in_and_nobody_else(
    pool: asyncpg.Pool, database: str
) -> None:
    shop = await _drop(pool, 20)

    async def one(crowd: asyncpg.Pool, number: int) -> tuple[str, Answer]:
        buyer = f"b{number}@x.org"
        return buyer, await ticket(crowd, shop, buyer)

    async def buy(crowd: asyncpg.Pool, buyer: str, held: Answer) -> str:
        try:
            await order(crowd, shop, ("MUG", 1), buyer=buyer, admission_id=_id(held))
        except Refused as refusal:
            return refusal.code
        return "won"

    async with await open_pool(database, application="crowd", size_max=12, keyset=KEYSET) as crowd:
        held = await asyncio.gather(*(one(crowd, number) for number in range(1_000)))
        tried = await asyncio.gather(*(buy(crowd, *each) for each in held))
    numbers = {
        int(str(answer.body["number"])): came for (_, answer), came in zip(held, tried, strict=True)
    }
    assert sorted(numbers) == list(range(1, 1_001))
    assert {number for number, came in numbers.items() if came == "won"} == set(range(1, 21))
    assert {came for came in tried if came != "won"} == {"admission_waiting"}
    assert await availability(pool, shop, "MUG") == (20, 20)


async def test_a_limit_holds_in_the_queue_as_well(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=5)
    await sell(pool, shop, "MUG", queue=QUEUE, limit=1)
    with pytest.raises(Refused) as refusal:
        await ticket(pool, shop, "a@x.org", 2)
    assert (refusal.value.code, refusal.value.pointer) == ("buyer_limit", "/quantity")
    held = await ticket(pool, shop, "a@x.org")
    await order(pool, shop, ("MUG", 1), buyer="a@x.org", admission_id=_id(held))
    with pytest.raises(Refused) as refusal:
        await ticket(pool, shop, "a@x.org")
    assert refusal.value.code == "buyer_limit"


async def test_the_queue_opens_and_closes_with_its_sale(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 0)
    held = _id(await ticket(pool, shop, "a@x.org"))
    for now, code in ((NOW - MINUTE, "sale_not_begun"), (NOW + HOUR, "sale_over")):
        with pytest.raises(Refused) as refusal:
            await ticket(pool, shop, "b@x.org", now=now)
        assert refusal.value.code == code
    assert (await admission(pool, shop, held, NOW + HOUR))["state"] == "expired"
    await admit_all(pool, NOW + HOUR)
    assert (await admission(pool, shop, held, NOW))["state"] == "expired"


async def test_another_shop_s_ticket_is_unknown(pool: asyncpg.Pool) -> None:
    shop, other = await _drop(pool, 1), await _drop(pool, 1)
    held = _id(await ticket(pool, shop, "a@x.org"))
    with pytest.raises(NotFound) as unknown:
        await admission(pool, other, held, NOW)
    assert unknown.value.code == "unknown_admission"
    lost = await refused(pool, other, ("MUG", 1), buyer="a@x.org", admission_id=held)
    assert lost.code == "unknown_admission"


async def test_an_item_is_in_one_sale_at_a_time(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 1)
    with pytest.raises(Conflict) as refusal:
        await sell(pool, shop, "CUP", "MUG", code="OTHER")
    assert refusal.value.code == "sale_overlaps"
    await sell(pool, shop, "MUG", queue=Queue(ticket_s=30))
    await ticket(pool, shop, "a@x.org")
    with pytest.raises(Conflict) as refusal:
        await sell(pool, shop, "MUG", classes=(Share("gold", 10, 5),), quantity=10)
    assert refusal.value.code == "queue_begun"


async def test_a_sale_that_is_ended_has_no_queue_and_no_rules_any_more(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 1)
    held = [_id(await ticket(pool, shop, f"b{number}@x.org")) for number in range(3)]
    await end_sale(pool, shop, DROP, NOW + MINUTE / 2)
    states = [(await admission(pool, shop, one, NOW + MINUTE / 2))["state"] for one in held]
    assert states == ["expired"] * 3
    with pytest.raises(Refused) as refusal:
        await ticket(pool, shop, "c@x.org", now=NOW + MINUTE / 2)
    assert refusal.value.code == "sale_over"
    await order(pool, shop, ("MUG", 1), buyer="c@x.org", now=NOW + MINUTE / 2)
    # Once more changes nothing, and the item may be sold otherwise at once.
    await end_sale(pool, shop, DROP, NOW + MINUTE)
    await sell(pool, shop, "CUP", code="OTHER")


async def test_a_sale_that_has_not_begun_is_gone(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 1)
    await end_sale(pool, shop, DROP, NOW - MINUTE)
    with pytest.raises(NotFound) as unknown:
        await end_sale(pool, shop, DROP, NOW)
    assert unknown.value.code == "unknown_sale"
    await sell(pool, shop, "MUG", code="OTHER")


async def test_only_the_shop_whose_buyer_it_is_hears_of_a_ticket(pool: asyncpg.Pool) -> None:
    shop = await _drop(pool, 1)
    async with staff_transaction(pool) as connection:
        other = await connection.fetchval(
            "insert into shop (tenant_id, owner_id, name) values ($1, $2, 'Next door') "
            "returning id",
            shop.tenant_id,
            shop.owner_id,
        )
        for number in (shop.shop_id, other):
            await connection.execute(
                "insert into webhook_endpoint (tenant_id, shop_id, url, secret, types) "
                "values ($1, $2, 'https://shop.example.com', 'whsec_x', '{*}')",
                shop.tenant_id,
                number,
            )
    held = _id(await ticket(pool, shop, "a@x.org"))
    sent = await rows(
        pool,
        "select w.shop_id from outbox b join webhook_endpoint w on w.id = b.target "
        "where b.topic = 'webhook' and b.subject = $1",
        f"admission/{held}",
    )
    assert [row["shop_id"] for row in sent] == [shop.shop_id]
    async with staff_transaction(pool) as connection:
        heard = "select heard_by($1, $2)"
        assert await connection.fetchval(heard, f"admission/{held}", shop.shop_id)
        assert not await connection.fetchval(heard, f"admission/{held}", other)
        assert await connection.fetchval(heard, "item/1", other)


async def test_a_forgotten_buyer_stands_in_no_queue_and_no_ticket_says_who_it_was(
    pool: asyncpg.Pool,
) -> None:
    shop = await _drop(pool, 2)
    used = _id(await ticket(pool, shop, "a@x.org"))
    placed = await order(pool, shop, ("MUG", 1), buyer="a@x.org", admission_id=used)
    await cancel(pool, shop, order_id_of(placed))
    waits = _id(await ticket(pool, shop, "a@x.org", 2))
    await ticket(pool, shop, "b@x.org")
    request = Request(shop, "forget", "erasure", body_hash(["a@x.org"]))
    await erase(pool, request, Subject("a@x.org"), NOW)
    known = await rows(
        pool,
        "select state, buyer_index is null from admission_ticket where shop_id = $1 order by id",
        shop.shop_id,
    )
    assert [tuple(row) for row in known] == [
        ("used", True),
        ("expired", True),
        ("waiting", False),
    ]
    assert (await admission(pool, shop, waits, NOW))["state"] == "expired"
    await admit_all(pool, NOW + HOUR)
    async with staff_transaction(pool) as connection:
        await promise.forget_old_tickets(connection, NOW + MINUTE)
    left = "select count(*) from admission_ticket where shop_id = $1 and buyer_index is not null"
    assert await value(pool, left, shop.shop_id) == 0

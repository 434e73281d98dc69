"""Payment: the right amount makes an order firm, and firm goods stay its own."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PROMISE_LASTS,
    availability,
    buy,
    differences,
    fulfilment_id_of,
    order_id_of,
    pay,
    rows,
    stocked_shop,
    value,
)
from wms.error import Conflict, Refused
from wms.journey.claim.claim import expire_promises
from wms.outbox.command import Answer

pytestmark = pytest.mark.both_servers
LATE = NOW + PROMISE_LASTS + timedelta(seconds=1)


async def _promises(pool: asyncpg.Pool, order: Answer) -> list[str]:
    found = await rows(
        pool,
        "select p.state from promise p join order_line l on l.id = p.order_line_id "
        "where l.order_id = $1 order by p.id",
        order_id_of(order),
    )
    return [row["state"] for row in found]


async def _waybill_jobs(pool: asyncpg.Pool, order: Answer) -> object:
    subject = f"fulfilment/{fulfilment_id_of(order)}"
    return await value(
        pool, "select count(*) from job where kind = 'waybill' and subject = $1", subject
    )


async def test_payment_makes_an_order_firm_and_asks_for_its_waybill(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    paid = await pay(pool, shop, order)
    assert paid.body["payment_state"] == "paid"
    assert paid.body["promise_expires_at"] is None
    assert await _promises(pool, order) == ["firm"]
    assert await _waybill_jobs(pool, order) == 1
    await expire_promises(pool, LATE)
    assert await availability(pool, shop, "MUG") == (3, 2)


async def test_a_sandbox_key_claims_no_goods_and_tells_no_carrier(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    trying = replace(shop, sandbox=True)
    order = await buy(pool, trying, ("MUG", 5))
    assert order.body["sandbox"] is True
    paid = await pay(pool, trying, order)
    assert paid.body["payment_state"] == "paid"
    assert await _promises(pool, order) == []
    assert await _waybill_jobs(pool, order) == 0
    assert await availability(pool, shop, "MUG") == (3, 0)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "code"),
    [(509, "GBP", "wrong_amount"), (511, "GBP", "wrong_amount"), (510, "EUR", "wrong_currency")],
)
async def test_a_wrong_amount_is_refused(
    pool: asyncpg.Pool, amount_minor: int, currency: str, code: str
) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    with pytest.raises(Refused) as refusal:
        await pay(pool, shop, order, amount_minor=amount_minor, currency=currency)
    assert refusal.value.code == code
    assert await _promises(pool, order) == ["open"]
    assert (
        await value(pool, "select count(*) from payment where order_id = $1", order_id_of(order))
        == 0
    )


async def test_an_authorisation_alone_makes_nothing_firm(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    answer = await pay(pool, shop, order, state="authorised")
    assert answer.body["payment_state"] == "authorised"
    assert await _promises(pool, order) == ["open"]
    assert await _waybill_jobs(pool, order) == 0


async def test_a_repeated_payment_gets_the_first_answer(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    first = await pay(pool, shop, order, key="k")
    again = await pay(pool, shop, order, key="k", now=LATE)
    assert again.replayed and again.body == first.body


async def test_a_payment_told_twice_is_paid_once(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    answers = await asyncio.gather(*(pay(pool, shop, order) for _ in range(4)))
    assert {answer.body["payment_state"] for answer in answers} == {"paid"}
    assert await _promises(pool, order) == ["firm"]
    assert await _waybill_jobs(pool, order) == 1
    paid = "select count(*) from event where order_id = $1 and type = 'order.paid'"
    assert await value(pool, paid, order_id_of(order)) == 1


async def test_money_that_comes_late_claims_again(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    await expire_promises(pool, LATE)
    assert await availability(pool, shop, "MUG") == (3, 0)
    paid = await pay(pool, shop, order, now=LATE)
    assert paid.body["holds"] == []
    assert await _promises(pool, order) == ["expired", "firm"]
    assert await _waybill_jobs(pool, order) == 1
    assert await availability(pool, shop, "MUG") == (3, 2)
    assert await differences(pool) == []


async def test_money_that_comes_too_late_holds_the_order_with_a_reason(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    await expire_promises(pool, LATE)
    await buy(pool, shop, ("MUG", 2), now=LATE)
    paid = await pay(pool, shop, order, now=LATE)
    holds = paid.body["holds"]
    assert isinstance(holds, list)
    assert [hold["kind"] for hold in holds] == ["paid_too_late"]
    assert "expired" in holds[0]["reason"]
    assert await _waybill_jobs(pool, order) == 0
    assert await availability(pool, shop, "MUG") == (3, 2)
    held = "select count(*) from event where order_id = $1 and type = 'order.held'"
    assert await value(pool, held, order_id_of(order)) == 1


async def test_payment_and_expiry_at_once_leave_a_claim_or_none(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=8)
    orders = [await buy(pool, shop, ("MUG", 1)) for _ in range(8)]
    await asyncio.gather(
        *(pay(pool, shop, order, now=LATE) for order in orders),
        expire_promises(pool, LATE),
    )
    # Everybody paid: who expired first claimed again.
    assert await availability(pool, shop, "MUG") == (8, 8)
    for order in orders:
        assert (await _promises(pool, order))[-1] == "firm"
    assert await differences(pool) == []


async def test_a_key_in_flight_is_a_conflict_at_most(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, MUG=3)
    order = await buy(pool, shop, ("MUG", 2))
    answers = await asyncio.gather(
        *(pay(pool, shop, order, key="k") for _ in range(4)), return_exceptions=True
    )
    assert all(isinstance(answer, Answer | Conflict) for answer in answers)
    paid = "select count(*) from payment where order_id = $1"
    assert await value(pool, paid, order_id_of(order)) == 1

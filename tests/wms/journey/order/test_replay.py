"""Whatever is said twice, late or in another order: stock is never more than it was."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random

import asyncpg
import pytest

from tests.builders import (
    NOW,
    PRICE_MINOR,
    add_items,
    add_shop,
    add_stock,
    an_item,
    buy,
    fulfilment_id_of,
    order_id_of,
    pay,
    rows,
    value,
)
from tests.wms.journey.dockside import a_return, open_dock, received
from tests.wms.journey.order.editing import edit, sound
from tests.wms.journey.people import loader_at_dock, packed_order, sorted_order, sscc_of
from wms.error import WmsError
from wms.journey.inbound.inbound import announce_inbound
from wms.journey.order.cancel import cancel_order
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.outbox.command import Answer, body_hash
from wms.receiving.inbound import ArrivedLine
from wms.tenants.shop import Shop

MUGS = 30
TAKEN = 3
STEPS = 60
Step = Callable[[], Awaitable[object]]


async def _shipped(house: asyncpg.Pool, shop: Shop) -> Answer:
    order = await buy(house, shop, ("MUG", TAKEN))
    await pay(house, shop, order)
    fulfilment = fulfilment_id_of(order)
    assert await prepare_waybills(house, fulfilment, NOW)
    await sorted_order(house, fulfilment)
    await packed_order(house, fulfilment)
    loader = await loader_at_dock(house)
    await loader.scan_all(f"]C100{await sscc_of(house, fulfilment)}")
    await loader.do("close")
    return order


def _steps(
    house: asyncpg.Pool, shop: Shop, orders: list[Answer], rng: Random
) -> list[tuple[str, Step]]:
    """So many commands about the same few orders, some under keys that were used before."""

    def cancelled(order: Answer, key: str) -> Step:
        number = order_id_of(order)
        request = Request(shop, key, "cancellation", body_hash([number]))
        return lambda: cancel_order(house, request, number, "no", NOW)

    def refunded(order: Answer, key: str) -> Step:
        minor, at = (
            rng.choice((1, 2, TAKEN)) * PRICE_MINOR,
            NOW + timedelta(minutes=rng.randrange(9)),
        )
        return lambda: pay(
            house, shop, order, state="refunded", amount_minor=minor, key=key, now=at
        )

    def paid(order: Answer, key: str) -> Step:
        return lambda: pay(house, shop, order, key=key)

    def edited(order: Answer, key: str) -> Step:
        quantity = rng.randint(1, TAKEN + 2)
        return lambda: edit(house, shop, order_id_of(order), (1, quantity), key=key)

    def come_back(order: Answer, key: str) -> Step:
        async def announce_and_receive() -> None:
            quantity = rng.randint(1, TAKEN)
            new = a_return(order_id_of(order), ("MUG", quantity))
            request = Request(shop, f"return {key}", "inbound", body_hash(repr(new)))
            answer = await announce_inbound(house, request, new, NOW)
            number = answer.body["id"]
            assert isinstance(number, int)
            await received(house, number, ArrivedLine("MUG", quantity), key=f"receipt {key}")

        return announce_and_receive

    kinds = {
        "cancelled": cancelled,
        "refunded": refunded,
        "paid": paid,
        "edited": edited,
        "come_back": come_back,
    }
    steps: list[tuple[str, Step]] = []
    for _ in range(STEPS):
        kind = rng.choice(list(kinds))
        step = kinds[kind](rng.choice(orders), f"key {rng.randrange(STEPS // 2)}")
        steps.append((kind, step))
    return steps


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_refund_cancel_and_return_replayed_never_make_stock(
    house: asyncpg.Pool, seed: int
) -> None:
    await open_dock(house)
    shop = await add_shop(house)
    await add_items(house, shop, an_item("MUG"))
    await add_stock(house, shop, "MUG", bin0=MUGS)
    orders = [await _shipped(house, shop)]
    orders += [await buy(house, shop, ("MUG", TAKEN)) for _ in range(3)]
    await pay(house, shop, orders[1])
    rng = Random(seed)
    steps = _steps(house, shop, orders, rng)
    done: set[str] = set()
    # All of it is said twice, word for word, the second time in another order.
    said = [*steps, *rng.sample(steps, STEPS)]
    for start in range(0, len(said), 4):
        together = said[start : start + 4]
        answers = await asyncio.gather(*(step() for _, step in together), return_exceptions=True)
        for (kind, _), came in zip(together, answers, strict=True):
            assert came is None or isinstance(came, Answer | WmsError), repr(came)
            done |= set() if isinstance(came, WmsError) else {kind}
        await _bounded(house, orders[0])
    await sound(house)
    assert {"cancelled", "refunded", "come_back"} <= done, f"seed {seed} tries too little: {done}"
    # All that is cancelled promises nothing, and a second cancel of everything changes nothing.
    for order in orders:
        for _ in range(2):
            number = order_id_of(order)
            request = Request(shop, f"last {rng.random()}", "cancellation", body_hash([number]))
            await cancel_order(house, request, number, "no", NOW)
    assert await value(house, "select promised from availability") == 0
    await _bounded(house, orders[0])
    await sound(house)


async def _bounded(house: asyncpg.Pool, shipped: Answer) -> None:
    """What is here and what is at the customer's is what there was; no more came back than left."""
    [row] = await rows(
        house,
        """
        select (select sum(on_hand) from balance)::bigint as here,
            (select max(sellable) from availability)::bigint as sellable,
            (select coalesce(sum(l.quantity), 0) from movement m
             join movement_line l on l.movement_id = m.id where m.kind = 'return')::bigint as back,
            (select coalesce(sum(l.quantity), 0) from movement m
             join movement_line l on l.movement_id = m.id where m.kind = 'hand_over')::bigint
                as gone
        """,
    )
    assert row["gone"] == TAKEN
    assert row["back"] <= TAKEN
    assert row["here"] == MUGS - row["gone"] + row["back"] <= MUGS
    assert row["sellable"] <= MUGS

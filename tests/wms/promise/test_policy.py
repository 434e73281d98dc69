"""Safety stock and channels: held back from who comes next, never from who is promised already."""

import pytest

from tests.builders import NOW, availability, rows
from tests.wms.promise.scene import claim_order, unsound
from tests.wms.promise.test_supply import Store, store
from wms.database.pool import shop_transaction, staff_transaction
from wms.error import Refused
from wms.items.unit import QUANTITY_MAX
from wms.promise import commands as promise
from wms.promise.policy import Policy

__all__ = ["store"]


async def _allocation(store: Store, channel: str) -> tuple[int, int]:
    (found,) = await rows(
        store.pool,
        "select quantity, promised from channel_allocation where item_id = $1 and channel = $2",
        store.item_id,
        channel,
    )
    return found["quantity"], found["promised"]


async def test_safety_stock_is_sold_to_nobody(store: Store) -> None:
    await store.policy(2)
    assert (await store.order(2, backorder=False)).claim.short[0].available == 1
    assert (await store.order(1, backorder=False)).claim.granted
    assert await availability(store.pool, store.shop, "MUG") == (3, 1)


async def test_a_policy_below_what_is_promised_only_stops_more(store: Store) -> None:
    await store.order(2)
    await store.policy(50)
    assert await availability(store.pool, store.shop, "MUG") == (3, 2)
    assert (await store.order(1, backorder=False)).claim.short[0].available == 0
    await store.policy(0)
    assert (await store.order(1, backorder=False)).claim.granted


async def test_what_a_channel_has_to_itself_others_do_not_get(store: Store) -> None:
    await store.policy(0, web=2)
    assert (await store.order(2, backorder=False)).claim.short[0].available == 1
    assert (await store.order(2, channel="shop", backorder=False)).claim.short[0].available == 1
    assert (await store.order(3, channel="web", backorder=False)).claim.granted
    assert await _allocation(store, "web") == (2, 3)


async def test_a_channel_takes_its_own_first_and_then_what_is_free_for_all(store: Store) -> None:
    await store.policy(0, web=2)
    assert (await store.order(1, channel="web")).claim.granted
    assert (await store.order(2, backorder=False)).claim.short[0].available == 1
    assert (await store.order(1, backorder=False)).claim.granted
    assert (await store.order(1, channel="web")).claim.granted
    assert (await store.order(1, channel="web", backorder=False)).claim.short[0].available == 0


async def test_what_a_channel_sold_is_no_longer_kept_for_it(store: Store) -> None:
    await store.policy(0, web=2)
    order = await store.order(1, channel="web")
    line = await rows(
        store.pool,
        "select f.id from fulfilment_line f join order_line l on l.id = f.order_line_id "
        "where l.order_id = $1",
        order.order_id,
    )
    async with staff_transaction(store.pool) as connection:
        await promise.keep(connection, [line[0]["id"]], [1])
        assert await unsound(connection) == []
    assert await _allocation(store, "web") == (1, 0)


async def test_a_channel_s_promise_that_is_freed_is_its_own_again(store: Store) -> None:
    await store.policy(0, web=2)
    order = await store.order(2, channel="web")
    async with shop_transaction(store.pool, store.shop.tenant_id) as connection:
        assert order.order_id is not None
        await promise.free_order(connection, order.order_id, "freed")
        assert await unsound(connection) == []
    assert await _allocation(store, "web") == (2, 0)
    assert (await store.order(2, backorder=False)).claim.short


async def test_an_allocation_that_comes_late_counts_what_is_promised(store: Store) -> None:
    await store.order(2, channel="web")
    await store.policy(0, web=2)
    assert await _allocation(store, "web") == (2, 2)
    assert (await store.order(1, backorder=False)).claim.granted
    await store.policy(0)
    async with staff_transaction(store.pool) as connection:
        assert await unsound(connection) == []
    assert await rows(store.pool, "select 1 from channel_allocation where item_id = $1",
                      store.item_id) == []  # fmt: skip


async def test_a_loss_frees_the_last_in_rank_of_any_channel(store: Store) -> None:
    await store.policy(0, web=3)
    async with staff_transaction(store.pool) as connection:
        early = await claim_order(
            connection, store.shop, [(store.item_id, 1)], channel="web", received_at=NOW
        )
        late = await claim_order(
            connection, store.shop, [(store.item_id, 2)], channel="web", service="express"
        )
        at = await promise.availability_for_update(connection, store.item_id, store.warehouse_id)
        assert at is not None
        freed = await promise.free_youngest(connection, at["id"], 1)
        assert [(row["order_id"], row["quantity"]) for row in freed] == [(early.order_id, 1)]
        freed = await promise.free_youngest(connection, at["id"], 1)
        assert [(row["order_id"], row["quantity"]) for row in freed] == [(late.order_id, 2)]
        assert await unsound(connection) == []


@pytest.mark.parametrize(
    ("held_back", "allocations", "code"),
    [
        (-1, {}, "bad_quantity"),
        (QUANTITY_MAX + 1, {}, "bad_quantity"),
        (0, {"web": -1}, "bad_quantity"),
        (0, {"": 1}, "bad_channel"),
        (0, {f"c{n}": 1 for n in range(51)}, "too_many_channels"),
    ],
)
def test_nonsense_is_refused(held_back: int, allocations: dict[str, int], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        Policy(held_back, allocations)
    assert refusal.value.code == code


async def test_when_nothing_could_be_sold_is_written_down(store: Store) -> None:
    async def intervals() -> list[bool]:
        found = await rows(
            store.pool,
            "select to_at, from_at from unsellable_interval where item_id = $1 order by id",
            store.item_id,
        )
        assert all(row["to_at"] is None or row["to_at"] >= row["from_at"] for row in found)
        return [row["to_at"] is not None for row in found]

    assert await intervals() == []
    order = await store.order(3)
    assert await intervals() == [False]
    async with shop_transaction(store.pool, store.shop.tenant_id) as connection:
        assert order.order_id is not None
        await promise.free_order(connection, order.order_id, "freed")
    assert await intervals() == [True]
    await store.policy(3)
    assert await intervals() == [True, False]
    await store.policy(2)
    assert await intervals() == [True, True]

"""Goods on their way: claimed by date, given out by rank, and freed from the end."""

from datetime import timedelta

import asyncpg
import pytest

from tests.builders import BINS, NOW, availability, place_ids, stocked_shop
from tests.wms.promise.scene import Claimed, claim_order, unsound
from tests.wms.stock.shelf import Undone
from wms.database.pool import shop_transaction, staff_transaction
from wms.promise import commands as promise
from wms.promise import queries as promises
from wms.promise.policy import Policy
from wms.promise.position import Atp
from wms.promise.supply import SupplyChange
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants.shop import Shop

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HEAD_START = timedelta(hours=4)


class Store:
    """One shop with one item, of which there are three, and what happens to it."""

    def __init__(self, pool: asyncpg.Pool, shop: Shop, item_id: int, warehouse_id: int) -> None:
        self.pool, self.shop, self.item_id, self.warehouse_id = pool, shop, item_id, warehouse_id

    async def expect(self, source: str, days: int, quantity: int) -> SupplyChange:
        async with staff_transaction(self.pool) as connection:
            change = await promise.expect_supply(
                connection, self.shop.tenant_id, self.shop.owner_id, self.item_id,
                self.warehouse_id, source, NOW + days * DAY, quantity,
            )  # fmt: skip
            assert await unsound(connection) == []
        return change

    async def order(
        self, quantity: int, *, channel: str = "", service: str = "standard", minutes: int = 0,
        backorder: bool = True,
    ) -> Claimed:  # fmt: skip
        async with shop_transaction(self.pool, self.shop.tenant_id) as connection:
            return await claim_order(
                connection, self.shop, [(self.item_id, quantity)], channel=channel,
                service=service, backorder=backorder,
                received_at=NOW + timedelta(minutes=minutes),
            )  # fmt: skip

    async def arrive(self, quantity: int) -> None:
        """Puts goods into a bin, and gives them to nobody yet."""
        async with staff_transaction(self.pool) as connection:
            places = await place_ids(connection)
            goods = Goods(self.shop.owner_id, self.item_id)
            await stock.post(
                connection, self.shop.tenant_id, "receipt",
                [Line(goods, quantity, places["SUPPLIER"], places[BINS[1]])],
                command_id="test", actor="test", now=NOW,
            )  # fmt: skip

    async def supply(self) -> list[int]:
        async with staff_transaction(self.pool) as connection:
            served = await promise.supply_backorders(connection, [self.item_id], self.warehouse_id)
            assert await unsound(connection) == []
        return served

    async def atp(self, channel: str = "") -> list[Atp]:
        async with shop_transaction(self.pool, self.shop.tenant_id) as connection:
            return await promises.available_to_promise(
                connection, self.shop.owner_id, self.item_id, self.warehouse_id, channel
            )

    async def policy(self, held_back: int, **allocations: int) -> None:
        async with shop_transaction(self.pool, self.shop.tenant_id) as connection:
            await promise.set_policy(
                connection, self.shop.tenant_id, self.shop.owner_id, self.item_id,
                self.warehouse_id, Policy(held_back, allocations),
            )  # fmt: skip

    async def promises(self) -> list[tuple[int, str, int]]:
        """Order, supply and quantity of every standing promise."""
        async with staff_transaction(self.pool) as connection:
            found = await connection.fetch(
                "select l.order_id, p.supply, p.quantity from promise p "
                "join order_line l on l.id = p.order_line_id "
                "where l.tenant_id = $1 and p.state in ('open', 'firm') order by 1, 2",
                self.shop.tenant_id,
            )
        return [tuple(row) for row in found]

    async def served(self, *orders: Claimed) -> list[bool]:
        """Of which orders every line is promised of the stock."""
        ids = [one.order_id for one in orders if one.order_id is not None]
        async with staff_transaction(self.pool) as connection:
            found = await promises.served_fulfilments(connection, ids, self.warehouse_id)
        return [one.order_id in {row["order_id"] for row in found} for one in orders]


@pytest.fixture
async def store(pool: asyncpg.Pool) -> Store:
    shop = await stocked_shop(pool, MUG=3)
    async with staff_transaction(pool) as connection:
        item_id = await connection.fetchval(
            "select id from item where owner_id = $1", shop.owner_id
        )
        warehouse_id = await connection.fetchval("select id from warehouse")
    return Store(pool, shop, item_id, warehouse_id)


async def test_an_item_comes_wholly_from_stock_or_wholly_from_supply(store: Store) -> None:
    await store.expect("ASN 1", 2, 10)
    assert (await store.order(2)).claim.backordered == ()
    ((item_id, quantity, expected_at),) = (await store.order(4)).claim.backordered
    assert (item_id, quantity, expected_at) == (store.item_id, 4, NOW + 2 * DAY)
    assert (await store.order(1)).claim.backordered == ()
    assert await availability(store.pool, store.shop, "MUG") == (3, 3)


async def test_a_shop_that_takes_no_backorder_gets_none(store: Store) -> None:
    await store.expect("ASN 1", 2, 10)
    refused = await store.order(4, backorder=False)
    assert [(short.wanted, short.available) for short in refused.claim.short] == [(4, 3)]
    refused = await store.order(11)
    assert [(short.wanted, short.available) for short in refused.claim.short] == [(11, 10)]


async def test_a_date_is_the_first_that_covers_all_who_wait(store: Store) -> None:
    await store.expect("ASN 2", 5, 10)
    await store.expect("ASN 1", 2, 6)
    dates = [(await store.order(4)).claim.backordered[0].expected_at for _ in range(3)]
    assert dates == [NOW + 2 * DAY, NOW + 5 * DAY, NOW + 5 * DAY]
    assert await store.atp() == [Atp(None, 3), Atp(NOW + 5 * DAY, 4)]


async def test_atp_counts_what_comes_by_its_date_and_leaves_out_what_is_held_back(
    store: Store,
) -> None:
    await store.policy(1, web=1)
    await store.expect("ASN 1", 2, 6)
    await store.expect("ASN 2", 2, 1)
    await store.expect("ASN 3", 9, 5)
    assert await store.atp() == [Atp(None, 1), Atp(NOW + 2 * DAY, 7), Atp(NOW + 9 * DAY, 5)]
    assert (await store.atp("web"))[0] == Atp(None, 2)
    # What is offered is what is given: twelve on their way to one order, and one more to nobody.
    assert (await store.order(13)).claim.short[0].available == 12
    assert (await store.order(12)).claim.granted
    assert await store.atp() == [Atp(None, 1)]


async def test_goods_go_to_who_waits_in_order_of_arrival(store: Store) -> None:
    await store.order(3)
    await store.expect("ASN 1", 2, 9)
    first, second, third = [await store.order(3) for _ in range(3)]
    await store.arrive(6)
    assert await store.supply() == [first.order_id, second.order_id]
    assert await store.served(first, second, third) == [True, True, False]
    # Who comes now does not get in between.
    await store.arrive(2)
    await store.supply()
    assert (await store.order(1, backorder=False)).claim.short
    assert await store.served(third) == [False]


async def test_a_large_claim_is_not_starved_by_later_small_ones(store: Store) -> None:
    await store.order(3)
    await store.expect("ASN 1", 2, 9)
    large, small = await store.order(8), await store.order(1)
    for _ in range(8):
        assert await store.served(large, small) == [False, False]
        await store.arrive(1)
        await store.supply()
    assert await store.served(large, small) == [True, False]
    assert [row for row in await store.promises() if row[0] == large.order_id] == [
        (large.order_id, "stock", 8)
    ]


async def test_an_express_order_overtakes_its_head_start_and_no_more(store: Store) -> None:
    await store.order(3)
    await store.expect("ASN 1", 2, 100)
    waiting = await store.order(1)
    express = [
        await store.order(1, service="express", minutes=minutes) for minutes in (10, 239, 241, 900)
    ]
    for served in ([], [0], [0, 1]):
        assert await store.served(waiting, *express) == [False] + [n in served for n in range(4)]
        await store.arrive(1)
        await store.supply()
    assert await store.served(waiting, *express) == [True, True, True, False, False]


async def test_nobody_starves_behind_a_better_class(store: Store) -> None:
    """Express orders without end, one an hour: a standard order waits behind four of them."""
    await store.order(3)
    await store.expect("ASN 1", 2, 1_000)
    standard = await store.order(1)
    overtaken = 0
    for hour in range(1, 12):
        express = await store.order(1, service="express", minutes=60 * hour)
        await store.order(1, service="express", minutes=60 * hour + 1)
        await store.arrive(1)
        await store.supply()
        if (await store.served(standard)) == [True]:
            break
        overtaken += 1
        assert express.claim.backordered
    before = await store.promises()
    ahead = {order for order, supply, _ in before if supply == "stock"} - {standard.order_id}
    assert await store.served(standard) == [True]
    # The ranks of those that came within the head start are all that ever lies before it.
    assert overtaken <= 2 * (HEAD_START / HOUR)
    assert len(ahead) <= 1 + 2 * (HEAD_START / HOUR)


async def test_a_receipt_serves_who_waited_for_it_though_stock_is_held_back(store: Store) -> None:
    await store.policy(3)
    await store.expect("ASN 1", 2, 5)
    waiting = await store.order(5)
    assert await store.supply() == []
    await store.arrive(2)
    change = await store.expect("ASN 1", 2, 3)
    assert change.served == (waiting.order_id,) and change.freed == ()
    assert await store.promises() == [
        (waiting.order_id, "inbound", 3), (waiting.order_id, "stock", 2)
    ]  # fmt: skip
    await store.arrive(3)
    await store.expect("ASN 1", 2, 0)
    assert await store.promises() == [(waiting.order_id, "stock", 5)]
    assert await availability(store.pool, store.shop, "MUG") == (8, 5)


async def test_a_supply_that_shrinks_frees_the_last_in_rank(store: Store) -> None:
    await store.order(3)
    await store.expect("ASN 1", 2, 9)
    first = await store.order(3)
    last = await store.order(3, minutes=5)
    express = await store.order(3, service="express", minutes=10)
    change = await store.expect("ASN 1", 2, 7)
    assert [(freed.order_id, freed.quantity) for freed in change.freed] == [(last.order_id, 3)]
    waiting = {order for order, supply, _ in await store.promises() if supply == "inbound"}
    assert waiting == {first.order_id, express.order_id}
    change = await store.expect("ASN 1", 2, 0)
    assert {freed.order_id for freed in change.freed} == waiting


async def test_a_supply_that_moves_dates_who_waits_anew(store: Store) -> None:
    await store.order(3)
    await store.expect("ASN 1", 2, 3)
    await store.expect("ASN 2", 4, 3)
    first, second = await store.order(3), await store.order(3)
    change = await store.expect("ASN 1", 9, 3)
    assert [(one.order_id, one.expected_at) for one in change.redated] == [
        (first.order_id, NOW + 4 * DAY),
        (second.order_id, NOW + 9 * DAY),
    ]
    assert (await store.expect("ASN 1", 9, 3)).redated == ()


async def test_unpaid_backorders_are_given_back_as_promises_are(store: Store) -> None:
    await store.expect("ASN 1", 2, 5)
    async with shop_transaction(store.pool, store.shop.tenant_id) as connection:
        order = await claim_order(
            connection, store.shop, [(store.item_id, 5)], backorder=True, expires_at=NOW
        )
        due = await promises.expired_orders(connection, NOW + HOUR, 10)
        assert [row["order_id"] for row in due] == [order.order_id]
        assert order.order_id is not None
        assert await promise.free_order(connection, order.order_id, "expired") == 1
        assert await unsound(connection) == []
    assert await store.atp() == [Atp(None, 3), Atp(NOW + 2 * DAY, 5)]


async def test_a_bundle_waits_for_one_component_and_holds_the_other(pool: asyncpg.Pool) -> None:
    shop = await stocked_shop(pool, JAR=2, LID=0)
    async with staff_transaction(pool) as connection:
        items = {
            row["sku"]: row["id"]
            for row in await connection.fetch(
                "select id, sku from item where owner_id = $1", shop.owner_id
            )
        }
        warehouse_id = await connection.fetchval("select id from warehouse")
        await promise.expect_supply(
            connection, shop.tenant_id, shop.owner_id, items["LID"], warehouse_id, "ASN 1",
            NOW + DAY, 4,
        )  # fmt: skip
        jar_with_lids = [(items["JAR"], 1), (items["LID"], 2)]
        order = await claim_order(connection, shop, jar_with_lids, backorder=True)
        assert [(one.item_id, one.quantity) for one in order.claim.backordered] == [
            (items["LID"], 2)
        ]
        assert await unsound(connection) == []
        lines = await connection.fetch(
            "select l.id, f.id as part_id, f.item_id, f.quantity from order_line l "
            "join fulfilment_line f on f.order_line_id = l.id where l.order_id = $1",
            order.order_id,
        )
        # Only what is here can leave: the jar's promise is kept, the lids' stays.
        await promise.keep(
            connection,
            [row["part_id"] for row in lines if row["item_id"] == items["JAR"]],
            [1],
        )
        assert await unsound(connection) == []
        states = await connection.fetch(
            "select a.item_id, p.state, p.kept from promise p "
            "join availability a on a.id = p.availability_id where p.order_line_id = $1",
            lines[0]["id"],
        )
        assert {(row["item_id"], row["state"], row["kept"]) for row in states} == {
            (items["JAR"], "kept", 1),
            (items["LID"], "firm", 0),
        }


async def test_more_is_never_backordered_than_is_on_its_way(store: Store) -> None:
    await store.expect("ASN 1", 2, 5)
    with pytest.raises(asyncpg.CheckViolationError, match="availability_never_overbacked"):
        async with staff_transaction(store.pool) as connection:
            await connection.execute(
                "update availability set backordered = 6 where item_id = $1", store.item_id
            )
            raise Undone

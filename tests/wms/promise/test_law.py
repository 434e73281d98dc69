"""Whatever is claimed, freed, kept, supplied, lost and held back: the sums hold at every step."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import BINS, NOW
from tests.wms.promise.scene import Claimed, claim_order, fulfilment_of, unsound
from tests.wms.stock.shelf import Shelf, Undone, new_shelf, post
from wms.database.pool import staff_transaction
from wms.promise import commands as promise
from wms.promise import queries as promises
from wms.promise.policy import Policy
from wms.stock.queries import check_ledger

SKUS = ("MUG", "CUP")
CHANNELS = ("", "web", "shop")
SOURCES = ("ASN 1", "ASN 2")
DAY = timedelta(days=1)

small = st.integers(1, 6)
pick = st.integers(0, 9)
wanted = st.lists(
    st.lists(st.tuples(st.sampled_from(SKUS), small), min_size=1, max_size=2,
             unique_by=lambda part: part[0]),
    min_size=1, max_size=2,
)  # fmt: skip
sku = st.sampled_from(SKUS)
claims = st.tuples(
    st.just("claim"), wanted, st.sampled_from(CHANNELS), st.booleans(),
    st.sampled_from(("standard", "express")), st.booleans(),
)  # fmt: skip
others = st.one_of(
    st.tuples(st.just("arrive"), sku, small),
    st.tuples(st.just("free"), pick, st.sampled_from(("freed", "expired"))),
    st.tuples(st.just("pay"), pick),
    st.tuples(st.just("keep"), pick, small),
    st.tuples(st.just("expect"), sku, st.sampled_from(SOURCES), st.integers(0, 9),
              st.integers(0, 6)),
    st.tuples(st.just("supply")),
    st.tuples(st.just("lose"), sku, small),
    st.tuples(st.just("renew"), pick, st.booleans()),
    st.tuples(st.just("wait"), pick),
    st.tuples(st.just("policy"), sku, st.integers(0, 4),
              st.dictionaries(st.sampled_from(CHANNELS[1:]), st.integers(0, 5))),
)  # fmt: skip
# Every play begins with goods here and on their way, kept in part for a channel.
PRELUDE: list[tuple[object, ...]] = [
    ("arrive", "MUG", 6), ("arrive", "CUP", 2), ("expect", "MUG", "ASN 1", 2, 9),
    ("expect", "CUP", "ASN 1", 3, 9), ("policy", "MUG", 1, {"web": 4}),
    ("policy", "CUP", 0, {"web": 1}),
]  # fmt: skip
steps = st.lists(st.one_of(claims, others, others), min_size=8, max_size=24)


class Play:
    """A shop, and what is done to it step by step."""

    def __init__(self, connection: asyncpg.Connection, shelf: Shelf, warehouse_id: int) -> None:
        self.connection, self.shelf, self.warehouse_id = connection, shelf, warehouse_id
        self.orders: list[int] = []
        self.acts: dict[str, Callable[..., Awaitable[object]]] = {
            "arrive": self.arrive, "claim": self.claim, "free": self.free, "pay": self.pay,
            "keep": self.keep, "expect": self.expect, "supply": self.supply, "lose": self.lose,
            "renew": self.renew, "wait": self.wait, "policy": self.policy,
        }  # fmt: skip

    def order(self, number: int) -> int | None:
        return self.orders[number % len(self.orders)] if self.orders else None

    async def arrive(self, sku: str, quantity: int) -> None:
        line = self.shelf.line(sku, quantity, "SUPPLIER", BINS[0])
        await post(self.connection, self.shelf, "receipt", line)

    async def claim(
        self, lines: list[list[tuple[str, int]]], channel: str, backorder: bool, service: str,
        paid: bool,
    ) -> None:  # fmt: skip
        parts = [[(self.shelf.items[sku], n) for sku, n in line] for line in lines]
        offered = await self.offered(parts, channel, backorder)
        claimed: Claimed = await claim_order(
            self.connection, self.shelf.shop, *parts, channel=channel, backorder=backorder,
            service=service, expires_at=None if paid else NOW + DAY,
        )  # fmt: skip
        assert claimed.claim.granted == offered
        if claimed.order_id is not None:
            self.orders.append(claimed.order_id)

    async def offered(
        self, lines: list[list[tuple[int, int]]], channel: str, backorder: bool
    ) -> bool:
        """Whether what is available to promise says that these lines can be had."""
        for item_id in {item for line in lines for item, _ in line}:
            quantity = sum(n for line in lines for item, n in line if item == item_id)
            now, *later = await promises.available_to_promise(
                self.connection, self.shelf.shop.owner_id, item_id, self.warehouse_id, channel
            )
            coming = sum(step.quantity for step in later) if backorder else 0
            if quantity > max(now.quantity, coming):
                return False
        return True

    async def free(self, number: int, state: str) -> None:
        if (order_id := self.order(number)) is not None:
            await promise.free_order(self.connection, order_id, state)

    async def pay(self, number: int) -> None:
        if (order_id := self.order(number)) is not None:
            await promise.make_firm(self.connection, order_id, NOW)

    async def keep(self, number: int, quantity: int) -> None:
        """What is firm and in the house leaves it: a part of one line."""
        found = await self.connection.fetchrow(
            "select p.fulfilment_line_id, a.item_id, p.quantity - p.kept as left from promise p "
            "join order_line l on l.id = p.order_line_id "
            "join availability a on a.id = p.availability_id "
            "where l.order_id = $1 and p.state = 'firm' and p.supply = 'stock' "
            "order by p.id limit 1",
            self.order(number),
        )
        if found is None:
            return
        quantity = min(quantity, found["left"])
        await promise.keep(self.connection, [found["fulfilment_line_id"]], [quantity])
        sku = next(sku for sku, item in self.shelf.items.items() if item == found["item_id"])
        line = self.shelf.line(sku, quantity, BINS[0], "CUSTOMER")
        await post(self.connection, self.shelf, "hand_over", line)

    async def expect(self, sku: str, source: str, days: int, quantity: int) -> None:
        await promise.expect_supply(
            self.connection, self.shelf.shop.tenant_id, self.shelf.shop.owner_id,
            self.shelf.items[sku], self.warehouse_id, source, NOW + days * DAY, quantity,
        )  # fmt: skip

    async def supply(self) -> None:
        items = list(self.shelf.items.values())
        await promise.supply_backorders(self.connection, items, self.warehouse_id)

    async def lose(self, sku: str, quantity: int) -> None:
        at = await promise.availability_for_update(
            self.connection, self.shelf.items[sku], self.warehouse_id
        )
        if at is None or at["sellable"] < quantity:
            return
        excess = at["promised"] - (at["sellable"] - quantity)
        if excess > 0:
            freed = await promise.free_youngest(self.connection, at["id"], excess)
            assert sum(row["quantity"] for row in freed) >= excess
        line = self.shelf.line(sku, quantity, BINS[0], "LOSS")
        await post(self.connection, self.shelf, "count", line)

    async def renew(self, number: int, backorder: bool) -> None:
        if (order_id := self.order(number)) is not None:
            await promise.make_firm(self.connection, order_id, NOW)
            await promise.claim_missing(
                self.connection,
                await fulfilment_of(self.connection, order_id),
                backorder=backorder,
            )

    async def wait(self, number: int) -> None:
        if (order_id := self.order(number)) is not None:
            await promise.make_firm(self.connection, order_id, NOW)
            await promise.wait_for_missing(
                self.connection, await fulfilment_of(self.connection, order_id)
            )

    async def policy(self, sku: str, held_back: int, allocations: dict[str, int]) -> None:
        await promise.set_policy(
            self.connection, self.shelf.shop.tenant_id, self.shelf.shop.owner_id,
            self.shelf.items[sku], self.warehouse_id, Policy(held_back, allocations),
        )  # fmt: skip


async def _undated(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Waiting claims without a date, and claims on stock with one."""
    return await connection.fetch(
        "select id from promise where (supply = 'inbound' and state in ('open', 'firm')) "
        "and expected_at is null or supply = 'stock' and expected_at is not null"
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=steps)
async def test_any_sequence_of_claims_keeps_the_sums(
    pool: asyncpg.Pool, played: list[tuple[object, ...]]
) -> None:
    shelf = await new_shelf(pool, *SKUS)
    with pytest.raises(Undone):
        async with staff_transaction(pool) as connection:
            warehouse_id = await connection.fetchval("select id from warehouse")
            play = Play(connection, shelf, warehouse_id)
            for name, *arguments in [*PRELUDE, *played]:
                await play.acts[str(name)](*arguments)
                assert await unsound(connection) == []
                assert await _undated(connection) == []
            assert await check_ledger(connection) == []
            raise Undone

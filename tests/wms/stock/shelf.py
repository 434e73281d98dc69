"""A shop's items on the house's places, and postings between them."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from tests.builders import NOW, add_items, add_shop, an_item, enter_house, place_ids
from wms.database.pool import staff_transaction
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line
from wms.tenants.shop import Shop


class Undone(Exception):
    """What a test did is thrown away."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The numbers that a posting speaks in."""

    shop: Shop
    items: dict[str, int]
    places: dict[str, int]

    def line(
        self, sku: str, quantity: int, source: str, target: str, *, unreserve: int = 0
    ) -> Line:
        """Goods of this shop from one place to another."""
        return Line(
            Goods(self.shop.owner_id, self.items[sku]),
            quantity,
            self.places[source],
            self.places[target],
            unreserve=unreserve,
        )


async def new_shelf(pool: asyncpg.Pool, *skus: str) -> Shelf:
    """A shop of its own with these items, and nothing on the shelves."""
    await enter_house(pool)
    shop = await add_shop(pool)
    items = await add_items(pool, shop, *(an_item(sku) for sku in skus))
    async with staff_transaction(pool) as connection:
        return Shelf(shop, items, await place_ids(connection))


async def post(
    connection: asyncpg.Connection, shelf: Shelf, kind: str, *lines: Line, now: datetime = NOW
) -> int:
    """Posts lines of a shelf's shop."""
    return await stock.post(
        connection,
        shelf.shop.tenant_id,
        kind,
        list(lines),
        command_id="test",
        actor="test",
        now=now,
    )


async def on_hand(connection: asyncpg.Connection, shelf: Shelf) -> dict[tuple[str, str], int]:
    """What the balances say of a shelf's items, by SKU and place."""
    found = await connection.fetch(
        """
        select i.sku, p.code, sum(b.on_hand)::bigint as quantity
        from balance b join item i on i.id = b.item_id join place p on p.id = b.place_id
        where b.owner_id = $1 and b.on_hand > 0 group by 1, 2
        """,
        shelf.shop.owner_id,
    )
    return {(row["sku"], row["code"]): row["quantity"] for row in found}

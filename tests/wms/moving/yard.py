"""A small house with one owner, in which goods stand at the dock and bins wait for them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import asyncpg

from tests.builders import rows, value
from wms.database.pool import staff_transaction
from wms.journey.goods.putaway import plan_putaway
from wms.moving import commands as moving
from wms.moving.move import MoveKind
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line

NOW = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Yard:
    """A warehouse of its own with its owner and a dock."""

    pool: asyncpg.Pool
    tenant_id: int
    owner_id: int
    warehouse_id: int
    dock_id: int
    supplier_id: int

    async def place(self, code: str, **fields: object) -> int:
        """A place, by default a bin of aisle 0 that holds anything; its number."""
        given: dict[str, object] = {
            "warehouse_id": self.warehouse_id, "code": code, "kind": "bin", "aisle": 0, "y_mm": 0,
            **fields,
        }  # fmt: skip
        return await _insert(self.pool, "place", given)

    async def item(self, sku: str, **fields: object) -> int:
        """An item, by default a litre and a kilogram; its number."""
        given: dict[str, object] = {
            "tenant_id": self.tenant_id, "owner_id": self.owner_id, "sku": sku, "name": sku,
            "width_mm": 100, "depth_mm": 100, "height_mm": 100, "mass_g": 1000, **fields,
        }  # fmt: skip
        return await _insert(self.pool, "item", given)

    def goods(self, item_id: int, lot: str = "", status: str = "available") -> Goods:
        """Goods of the yard's owner."""
        return Goods(self.owner_id, item_id, lot, status=status)

    async def rule(self, item_id: int, place_id: int, least: int, most: int) -> None:
        """A refill rule."""
        await _insert(
            self.pool,
            "refill_rule",
            {
                "tenant_id": self.tenant_id, "owner_id": self.owner_id,
                "warehouse_id": self.warehouse_id, "item_id": item_id, "place_id": place_id,
                "quantity_min": least, "quantity_max": most, "updated_at": NOW,
            },
        )  # fmt: skip

    async def put(
        self,
        item_id: int,
        place_id: int,
        quantity: int,
        goods: Goods | None = None,
        unit_id: int = 0,
    ) -> None:
        """Goods that come from the supplier into a place."""
        async with staff_transaction(self.pool) as connection:
            await self.receive(connection, item_id, place_id, quantity, goods, unit_id)

    async def receive(
        self,
        connection: asyncpg.Connection,
        item_id: int,
        place_id: int,
        quantity: int,
        goods: Goods | None = None,
        unit_id: int = 0,
    ) -> None:
        """The same in the caller's transaction."""
        line = Line(
            goods or Goods(self.owner_id, item_id), quantity, self.supplier_id, place_id, 0,
            unit_id,
        )  # fmt: skip
        await stock.post(
            connection, self.tenant_id, "receipt", [line], command_id=unique("receipt"),
            actor="test", now=NOW,
        )  # fmt: skip

    async def plan(
        self,
        item_id: int,
        quantity: int,
        *,
        status: str = "available",
        lot: str = "",
        cross_dock: int = 0,
        dock_id: int | None = None,
        unit_id: int = 0,
        connection: asyncpg.Connection,
    ) -> list[int]:
        """Plans where goods of a dock go, in the caller's transaction."""
        return await plan_putaway(
            connection, tenant_id=self.tenant_id, owner_id=self.owner_id,
            warehouse_id=self.warehouse_id, item_id=item_id, lot=lot, serial="", status=status,
            from_place_id=dock_id or self.dock_id, from_unit_id=unit_id, quantity=quantity,
            cross_dock=cross_dock, kind=MoveKind.PUTAWAY, now=NOW,
        )  # fmt: skip

    async def bring(
        self,
        item_id: int,
        quantity: int,
        *,
        lot: str = "",
        status: str = "available",
        cross_dock: int = 0,
    ) -> list[int]:
        """Receives goods at the dock and plans where they go."""
        goods = self.goods(item_id, lot, status)
        async with staff_transaction(self.pool) as connection:
            await self.receive(connection, item_id, self.dock_id, quantity, goods)
            return await self.plan(
                item_id, quantity, status=status, lot=lot, cross_dock=cross_dock,
                connection=connection,
            )  # fmt: skip

    async def targets(self, tasks: list[int]) -> dict[str, int]:
        """How much these tasks bring to which place."""
        found = await rows(
            self.pool,
            "select p.code, t.quantity from move_task t join place p on p.id = t.to_place_id "
            "where t.id = any($1)",
            tasks,
        )
        return {row["code"]: row["quantity"] for row in found}

    async def stock_at(self, place_id: int) -> tuple[int, int]:
        """What a place holds, and how much of that is reserved."""
        [row] = await rows(
            self.pool,
            "select coalesce(sum(on_hand), 0)::bigint as on_hand, "
            "coalesce(sum(reserved), 0)::bigint as reserved from balance where place_id = $1",
            place_id,
        )
        return row["on_hand"], row["reserved"]

    async def task(self, task_id: int) -> asyncpg.Record:
        """A task as it stands."""
        [row] = await rows(self.pool, "select * from move_task where id = $1", task_id)
        return row


def unique(word: str) -> str:
    """A text that nothing else in this run has."""
    return f"{word} {next(_numbers)}"


async def open_yard(pool: asyncpg.Pool) -> Yard:
    """A new house that shares nothing with those before it."""
    tenant_id = await _insert(pool, "tenant", {"name": unique("tenant")})
    owner_id = await _insert(pool, "owner", {"tenant_id": tenant_id, "name": unique("owner")})
    warehouse_id = await _insert(
        pool,
        "warehouse",
        {
            "code": unique("W"), "name": "Yard", "time_zone": "Europe/London", "aisles": 5,
            "aisle_length_mm": 20_000, "aisle_pitch_mm": 3_000,
        },
    )  # fmt: skip
    kinds = {}
    for kind in ("receiving", "supplier", "loss"):
        kinds[kind] = await _insert(
            pool, "place", {"warehouse_id": warehouse_id, "code": kind.upper(), "kind": kind}
        )
    return Yard(pool, tenant_id, owner_id, warehouse_id, kinds["receiving"], kinds["supplier"])


async def give_up_moves(pool: asyncpg.Pool) -> None:
    """Gives every move up that waits: a person gets the most urgent of any house."""
    for row in await rows(pool, "select id from move_task where state in ('open', 'claimed')"):
        async with staff_transaction(pool) as connection:
            await moving.void_move(connection, row["id"], NOW)


async def _insert(pool: asyncpg.Pool, table: str, fields: dict[str, object]) -> int:
    names = ", ".join(fields)
    numbers = ", ".join(f"${number}" for number in range(1, len(fields) + 1))
    found = await value(
        pool,
        f"insert into {table} ({names}) values ({numbers}) returning id",
        *fields.values(),
    )
    assert isinstance(found, int)
    return found

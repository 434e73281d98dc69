"""A small floor with real rows: one item, totes on the conveyor, packing places, labels."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from devices.gs1 import sscc18
from wms.database.pool import staff_transaction
from wms.sorting import commands as sorting
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line

_numbers = itertools.count(1)
PLACED = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Floor:
    """A warehouse of its own for one test; `site` is its devices' site."""

    pool: asyncpg.Pool
    number: int
    tenant_id: int
    owner_id: int
    shop_id: int
    warehouse_id: int
    item_id: int
    supplier_id: int
    conveyor_id: int
    packing_ids: tuple[int, int]

    @property
    def site(self) -> str:
        return f"site{self.number}"

    def tote(self, number: int) -> str:
        return f"T-{self.number:03d}{number:03d}"

    async def enter_device(
        self, name: str, device_class: str, address: str | None, config: dict[str, object]
    ) -> None:
        async with staff_transaction(self.pool) as c:
            await c.execute(
                "insert into device (site, area, class, name, address, config) "
                "values ($1, 'sort', $2, $3, $4, $5)",
                self.site,
                device_class,
                name,
                address,
                config,
            )

    async def picked_order(self, totes: list[int], lane: int = 1) -> int:
        """An order that is picked into these totes, each holding 3 units on the conveyor."""
        async with staff_transaction(self.pool) as c:
            fulfilment_id = await self._order(c, 3 * len(totes), self.packing_ids[lane - 1])
            for number in totes:
                tote_id = await c.fetchval(
                    "insert into handling_unit (warehouse_id, code, kind, place_id, "
                    "fulfilment_order_id) values ($1, $2, 'tote', $3, $4) returning id",
                    self.warehouse_id,
                    self.tote(number),
                    self.conveyor_id,
                    fulfilment_id,
                )
                goods = Goods(self.owner_id, self.item_id)
                line = Line(goods, 3, self.supplier_id, self.conveyor_id, 0, tote_id)
                await stock.post(
                    c, self.tenant_id, "receive", [line], command_id="", actor="test", now=PLACED
                )
                place_id = self.packing_ids[lane - 1]
                await sorting.expect_tote(c, tote_id, fulfilment_id, self.tenant_id, place_id, lane)
        return fulfilment_id

    async def _order(self, c: asyncpg.Connection, quantity: int, place_id: int) -> int:
        external = f"{self.number}-{next(_numbers)}"
        ship_to = {
            "name": "Ada Lovelace",
            "lines": ["12 St James's Square"],
            "postal_code": "SW1Y 4JH",
            "city": "LONDON",
            "country": "GB",
        }
        order_id = await c.fetchval(
            "insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash, "
            "state, currency, total_minor, customer, ship_to, placed_at, received_at) values "
            "($1, $2, $3, $4, '', 'accepted', 'GBP', 100, '{}', $5, $6, $6) returning id",
            self.tenant_id,
            self.shop_id,
            self.owner_id,
            external,
            ship_to,
            PLACED,
        )
        fulfilment_id: int = await c.fetchval(
            "insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, "
            "packing_place_id) values ($1, $2, $3, 'picked', $4) returning id",
            self.tenant_id,
            order_id,
            self.warehouse_id,
            place_id,
        )
        assert quantity > 0
        return fulfilment_id

    async def label_jobs(self, count: int, printer: str) -> list[str]:
        """Parcels with waybills whose labels wait for a printer; their SSCCs."""
        found: list[str] = []
        async with staff_transaction(self.pool) as c:
            fulfilment_id = await self._order(c, count, self.packing_ids[0])
            carrier_id = await c.fetchval(
                "insert into carrier (code, name, url, secret) values ($1, 'Carrier', '', '') "
                "returning id",
                f"C{self.number}",
            )
            for number in range(1, count + 1):
                sscc = sscc18("4012345", 1_000 * self.number + number)
                await c.execute(
                    "with p as (insert into parcel (tenant_id, fulfilment_order_id, number, "
                    "carton_code, planned_carton_code, state, mass_g) values ($1, $2, $3, 'C-M', "
                    "'C-M', 'closed', 900) returning id), w as (insert into waybill (tenant_id, "
                    "parcel_id, carrier_id, sscc, tracking_number, routing_code, service, made_at)"
                    " select $1, p.id, $4, $5, $6, 'GB-SW1Y-S', 'standard', $8 from p "
                    "returning id) insert into label_job (tenant_id, waybill_id, printer, "
                    "asked_by) select $1, w.id, $7, 'test' from w",
                    self.tenant_id,
                    fulfilment_id,
                    number,
                    carrier_id,
                    sscc,
                    f"SL{self.number:05d}{number:05d}GB",
                    printer,
                    PLACED,
                )
                found.append(sscc)
        return found

    async def value(self, query: str, *arguments: object) -> object:
        async with staff_transaction(self.pool) as c:
            found: object = await c.fetchval(query, *arguments)
            return found

    async def place_of(self, tote: int) -> object:
        return await self.value(
            "select p.code from handling_unit u join place p on p.id = u.place_id "
            "where u.code = $1",
            self.tote(tote),
        )

    async def state_of(self, fulfilment_id: int) -> object:
        return await self.value("select state from fulfilment_order where id = $1", fulfilment_id)


async def build_floor(pool: asyncpg.Pool) -> Floor:
    number = next(_numbers)
    async with staff_transaction(pool) as c:

        async def insert(statement: str, *arguments: object) -> int:
            key: int = await c.fetchval(f"insert into {statement} returning id", *arguments)
            return key

        name = f"floor {number}"
        tenant_id = await insert("tenant (name) values ($1)", name)
        owner_id = await insert("owner (tenant_id, name) values ($1, $2)", tenant_id, name)
        shop_id = await insert(
            "shop (tenant_id, owner_id, name) values ($1, $2, $3)", tenant_id, owner_id, name
        )
        warehouse_id = await insert(
            "warehouse (code, name, aisles, aisle_length_mm, aisle_pitch_mm) "
            "values ($1, $1, 1, 1000, 1000)",
            name,
        )
        item_id = await insert(
            "item (tenant_id, owner_id, sku, name, width_mm, depth_mm, height_mm, mass_g) "
            "values ($1, $2, 'CUP', 'Cup', 80, 80, 90, 200)",
            tenant_id,
            owner_id,
        )
        places = [
            await insert(
                "place (warehouse_id, code, kind, lane) values ($1, $2, $3, $4)",
                warehouse_id,
                *place,
            )
            for place in (
                ("SUPPLIER", "supplier", None),
                ("CONVEYOR", "conveyor", None),
                ("PACK-01", "packing", 1),
                ("PACK-02", "packing", 2),
            )
        ]
    supplier_id, conveyor_id, *packing = places
    return Floor(
        pool,
        number,
        tenant_id,
        owner_id,
        shop_id,
        warehouse_id,
        item_id,
        supplier_id,
        conveyor_id,
        (packing[0], packing[1]),
    )

"""People on the floor: handhelds that are told what to scan by the screen before."""

import asyncio
import json
from itertools import count
from typing import Any

import asyncpg

from tests.builders import NOW, add_staff, planned_wave, rows, value
from tests.patience import PATIENCE_S
from wms.database.pool import staff_transaction
from wms.journey.floor.handheld import take_input
from wms.journey.floor.screen import Input
from wms.journey.wave.label import begin_label, record_printed
from wms.journey.wave.sort import Fall, record_diverts

Screen = dict[str, Any]

_numbers = count(1)


class Handheld:
    """One signed-in person's device, and the screen it shows."""

    def __init__(self, pool: asyncpg.Pool, token: str) -> None:
        self._pool = pool
        self._token = token
        self.screen: Screen = {}

    async def give(self, given: Input) -> Screen:
        """Gives one input, which may be a repeat."""
        screen = await take_input(self._pool, self._token, given, NOW)
        self.screen = json.loads(json.dumps(screen))
        return self.screen

    async def scan(self, code: str, quantity: int | None = None) -> Screen:
        """Scans a code."""
        return await self.give(Input(f"input {next(_numbers)}", code, quantity=quantity))

    async def do(self, action: str, quantity: int | None = None) -> Screen:
        """Presses a button."""
        return await self.give(Input(f"input {next(_numbers)}", action=action, quantity=quantity))

    async def scan_all(self, *codes: str) -> Screen:
        """Scans one code after the other, each of which has to be right."""
        for code in codes:
            screen = await self.scan(code)
            assert screen["verdict"]["ok"], (code, screen)
        return self.screen


def verdict(screen: Screen) -> str:
    """The code of what the house said."""
    code: str = screen["verdict"]["code"]
    return code


async def person(pool: asyncpg.Pool, name: str, warehouse_id: int | None = None) -> Handheld:
    """One of the staff with a handheld in hand, in that warehouse where there are several."""
    handheld = Handheld(pool, await add_staff(pool, name))
    if warehouse_id is not None and (await handheld.do("menu"))["step"] == "warehouse":
        await handheld.do(f"warehouse_{warehouse_id}")
    return handheld


async def picker_at_bin(pool: asyncpg.Pool, *fulfilment_order_ids: int) -> Handheld:
    """A picker whose wave of these orders is released, with cart and totes, at the first bin."""
    await planned_wave(pool, *fulfilment_order_ids, release=True)
    picker = await person(pool, "Pia")
    await picker.do("pick")
    await take_cart(picker, "CART-01")
    return picker


async def take_cart(picker: Handheld, cart: str) -> None:
    """Scans a cart and an empty tote for each of its slots."""
    await picker.scan_all(cart)
    while picker.screen["step"] == "tote":
        await picker.scan_all(f"T-{next(_numbers):05d}")


def sku_shown(screen: Screen) -> str:
    """The item that a pick's screen asks for."""
    line: str = next(line for line in screen["lines"] if line.startswith("SKU "))
    return line.removeprefix("SKU ")


async def pick_one(picker: Handheld) -> None:
    """Does one task as it is asked; a bin that should be empty is."""
    if picker.screen["step"] == "bin":
        sku = sku_shown(picker.screen)
        await picker.scan_all(picker.screen["target"], sku)
    await picker.scan_all(picker.screen["target"])
    if picker.screen["step"] == "empty":
        await picker.do("empty")


async def walk(picker: Handheld) -> None:
    """Does every task of a walk, and stands at the conveyor."""
    while picker.screen["step"] in ("bin", "put", "empty"):
        if picker.screen["step"] == "empty":
            await picker.do("empty")
        else:
            await pick_one(picker)


async def sort_all(pool: asyncpg.Pool) -> None:
    """Lets the sorter put every tote of the conveyor where it belongs."""
    expected = await rows(
        pool,
        "select u.code, r.lane from sort_route r join handling_unit u on u.id = r.tote_id "
        "join place p on p.id = u.place_id and p.kind = 'conveyor' "
        "where r.state = 'expected' order by r.tote_id",
    )
    for row in expected:
        async with staff_transaction(pool) as connection:
            fall = Fall(
                unit=row["code"],
                lane=row["lane"],
                place=None,
                set_aside=False,
                command_id=f"divert {next(_numbers)}",
                device="PLC-1",
            )
            await record_diverts(connection, [fall], NOW)


async def sorted_order(pool: asyncpg.Pool, *fulfilment_order_ids: int) -> None:
    """Takes orders from their waybills to their packing places."""
    picker = await picker_at_bin(pool, *fulfilment_order_ids)
    await walk(picker)
    await picker.scan_all("CONVEYOR")
    await sort_all(pool)


async def packer_at_carton(pool: asyncpg.Pool, fulfilment_order_id: int) -> Handheld:
    """A packer who has scanned a tote of this sorted order at its packing place."""
    [row] = await rows(
        pool,
        "select p.code as place, u.code as tote from fulfilment_order f "
        "join place p on p.id = f.packing_place_id "
        "join handling_unit u on u.fulfilment_order_id = f.id and u.kind = 'tote' "
        "where f.id = $1 order by u.id limit 1",
        fulfilment_order_id,
    )
    packer = await person(pool, "Paul")
    await packer.do("pack")
    await packer.scan_all(row["place"], row["tote"])
    return packer


async def print_labels(pool: asyncpg.Pool) -> None:
    """Prints every label that is queued."""
    for job in await rows(pool, "select * from label_job where state = 'queued' order by id"):
        async with staff_transaction(pool) as connection:
            await begin_label(connection, job["printer"], job["id"], 1_000, NOW)
            assert await record_printed(connection, job["id"], NOW)


async def sscc_of(pool: asyncpg.Pool, fulfilment_order_id: int, number: int = 1) -> str:
    """The SSCC on the standing waybill of one of an order's parcels."""
    sscc = await value(
        pool,
        "select w.sscc from parcel p join waybill w on w.parcel_id = p.id and w.state = 'made' "
        "where p.fulfilment_order_id = $1 and p.number = $2",
        fulfilment_order_id,
        number,
    )
    assert isinstance(sscc, str)
    return sscc


async def pack_parcel(pool: asyncpg.Pool, packer: Handheld) -> None:
    """Packs the parcel that the screen is at, from its carton to the place of departure."""
    await packer.scan_all(packer.screen["target"])
    while packer.screen["step"] == "item":
        wanted = next(fact for fact in packer.screen["facts"] if "×" in fact["value"])
        await packer.scan_all(wanted["label"])
    tracking = next(f["value"] for f in packer.screen["facts"] if f["label"] == "Tracking")
    await print_labels(pool)
    sscc = await value(pool, "select sscc from waybill where tracking_number = $1", tracking)
    await packer.scan_all(f"]C100{sscc}")


async def packed_order(pool: asyncpg.Pool, fulfilment_order_id: int) -> None:
    """Packs every parcel of a sorted order."""
    packer = await packer_at_carton(pool, fulfilment_order_id)
    while packer.screen["step"] == "carton":
        await pack_parcel(pool, packer)


async def loader_at_dock(pool: asyncpg.Pool) -> Handheld:
    """A loader at the one place of departure."""
    loader = await person(pool, "Lou")
    await loader.do("load")
    await loader.scan_all("DOCK-1")
    return loader


async def state_of(pool: asyncpg.Pool, fulfilment_order_id: int) -> object:
    """The state of a fulfilment order."""
    return await value(
        pool, "select state from fulfilment_order where id = $1", fulfilment_order_id
    )


async def holds_of(pool: asyncpg.Pool, fulfilment_order_id: int) -> list[str]:
    """Why an order is held."""
    found = await rows(
        pool,
        "select kind from hold where fulfilment_order_id = $1 and lifted_at is null order by id",
        fulfilment_order_id,
    )
    return [row["kind"] for row in found]


async def mugs_reserved(pool: asyncpg.Pool) -> dict[str, int]:
    """How many mugs are reserved in which bins."""
    found = await rows(
        pool,
        "select p.code, b.reserved from balance b join place p on p.id = b.place_id "
        "join item i on i.id = b.item_id where sku = 'MUG' and reserved > 0",
    )
    return {row["code"]: row["reserved"] for row in found}


async def told_of(pool: asyncpg.Pool, fulfilment_order_id: int) -> list[str]:
    """The events of an order, in their sequence."""
    found = await rows(
        pool,
        "select e.type from event e join fulfilment_order f on f.order_id = e.order_id "
        "where f.id = $1 order by e.seq",
        fulfilment_order_id,
    )
    return [row["type"] for row in found]


async def wait_for_lock(house: asyncpg.Pool, waiting: int) -> None:
    """Until that many transactions of this database wait for a lock."""
    query = (
        "select count(distinct l.pid) from pg_locks l join pg_stat_activity a using (pid) "
        "where not l.granted and a.datname = current_database()"
    )
    async with asyncio.timeout(PATIENCE_S):
        while await value(house, query) != waiting:
            await asyncio.sleep(0.02)

"""The people of a house, doing one thing at a time at its real doors, and saying what they did."""

import asyncio
from dataclasses import dataclass, field, replace

import asyncpg

from tests.builders import (
    NOW,
    add_items,
    add_shop,
    an_item,
    buy,
    enter_house,
    fulfilment_id_of,
    order_id_of,
    pay,
    place_ids,
    planned_wave,
    rows,
)
from tests.wms.journey.desk import Desk, open_desk
from tests.wms.journey.dockside import a_return, announced, blind, open_dock, received
from tests.wms.journey.people import (
    Handheld,
    loader_at_dock,
    packed_order,
    person,
    sku_shown,
    sort_all,
    sscc_of,
    take_cart,
)
from wms.counting import commands as counting
from wms.database.pool import staff_transaction
from wms.error import Conflict, Refused
from wms.items.item import Component, ItemKind
from wms.journey.goods.kit import KitWish, assemble_kits, disassemble_kits
from wms.journey.goods.relocation import Relocation, relocate
from wms.journey.order.cancel import cancel_order
from wms.journey.order.waybill import prepare_waybills
from wms.journey.request import Request
from wms.journey.reversal import reverse_movement
from wms.outbox.command import Answer, body_hash
from wms.receiving.inbound import ArrivedLine
from wms.tenants.shop import Shop

SKUS = ("MUG", "CUP", "SET")
DOCK = "RECV-1"


@dataclass(frozen=True, slots=True)
class Bought:
    """An order that was accepted: its numbers, and who came first."""

    order_id: int
    fulfilment_order_id: int
    admission: int


@dataclass(frozen=True, slots=True)
class Task:
    """What a picker's screen asks for."""

    fulfilment_order_id: int
    sku: str
    bin: str
    quantity: int


@dataclass(slots=True)
class Crew:
    """A shop, a planner, a picker, a mover and a counter in a house of their own."""

    pool: asyncpg.Pool
    shop: Shop
    desk: Desk
    item_ids: dict[str, int]
    picker: Handheld
    mover: Handheld
    counter: Handheld
    numbers: list[int] = field(default_factory=lambda: [0])

    def _number(self) -> str:
        self.numbers[0] += 1
        return f"crew {self.numbers[0]}"

    async def buy(self, sku: str, quantity: int, buyers: int) -> list[Bought]:
        """Several buyers at once; those who were accepted, in the sequence of admission."""
        answers = await asyncio.gather(*(self._try(sku, quantity) for _ in range(buyers)))
        bought = [
            Bought(order_id_of(one), fulfilment_id_of(one), int(str(one.body["admission"])))
            for one in answers
            if one is not None
        ]
        return sorted(bought, key=lambda one: one.admission)

    async def _try(self, sku: str, quantity: int) -> Answer | None:
        try:
            return await buy(self.pool, self.shop, (sku, quantity))
        except Refused as refused:
            assert refused.code == "not_available"
            return None

    async def receive(self, sku: str, quantity: int) -> None:
        """Goods that come without a word, onto the dock."""
        inbound_id = await announced(self.pool, self.shop, blind())
        await received(self.pool, inbound_id, ArrivedLine(sku, quantity, place=DOCK))

    async def take_back(self, order_id: int, sku: str, quantity: int) -> None:
        """A return of goods that were shipped."""
        inbound_id = await announced(self.pool, self.shop, a_return(order_id, (sku, quantity)))
        await received(self.pool, inbound_id, ArrivedLine(sku, quantity, place=DOCK))

    async def put_away(self) -> tuple[str, str, str, int] | None:
        """Does the next move: what went from where to where, or None where nothing waits."""
        screen = await self.mover.do("move")
        if screen["step"] == "wait":
            return None
        [task] = await rows(
            self.pool,
            "select i.sku, f.code as source, f.kind as source_kind, u.code as unit, "
            "p.code as target, t.quantity "
            "from move_task t join item i on i.id = t.item_id "
            "join place f on f.id = t.from_place_id join place p on p.id = t.to_place_id "
            "left join handling_unit u on u.id = t.from_unit_id where t.state = 'claimed'",
        )
        sku = task["sku"]
        await self.mover.scan_all(task["unit"] or task["source"], sku, task["target"])
        return sku, task["source"], task["target"], task["quantity"]

    async def pay_and_plan(self, bought: list[tuple[int, int]]) -> None:
        """Pays these orders, given by both numbers, and releases a wave of those that can go."""
        for order_id, fulfilment_order_id in bought:
            total = {"amount_minor": await self._total(order_id)}
            order = Answer(200, {"id": order_id, "total": total})
            await pay(self.pool, self.shop, order)
            await prepare_waybills(self.pool, fulfilment_order_id, NOW)
        waiting = await rows(
            self.pool,
            "select f.id from fulfilment_order f where f.state in ('open', 'picking') "
            "and f.waybill_ready_at is not null order by f.id",
        )
        if waiting:
            await planned_wave(self.pool, *(row["id"] for row in waiting), release=True)

    async def _total(self, order_id: int) -> int:
        [row] = await rows(self.pool, "select total_minor from shop_order where id = $1", order_id)
        total: int = row["total_minor"]
        return total

    async def task(self) -> Task | None:
        """What the picker is to do next; takes a cart, or ends a walk, on the way there."""
        screen = await self.picker.do("pick")
        if screen["step"] == "cart":
            await take_cart(self.picker, "CART-01")
        if self.picker.screen["step"] == "drop":
            await self.picker.scan_all("CONVEYOR")
            return await self.task()
        if self.picker.screen["step"] not in ("bin", "put"):
            return None
        found = await rows(
            self.pool,
            "select s.fulfilment_order_id, i.sku, p.code as bin, t.quantity from pick_task t "
            "join pick_batch k on k.id = t.batch_id and k.state = 'picking' "
            "join batch_slot s on s.id = t.slot_id join item i on i.id = t.item_id "
            "join place p on p.id = t.place_id where t.state = 'open' order by t.seq, t.id limit 1",
        )
        return Task(**dict(found[0])) if found else None

    async def pick(self, task: Task) -> None:
        """Does a task as it is asked; a bin that should be empty is."""
        await self._to_tote(task)
        await self.picker.scan_all(self.picker.screen["target"])
        if self.picker.screen["step"] == "empty":
            await self.picker.do("empty")

    async def _to_tote(self, task: Task) -> None:
        if self.picker.screen["step"] == "bin":
            await self.picker.scan_all(task.bin, sku_shown(self.picker.screen))

    async def fall_short(self, task: Task, taken: int, left: int) -> None:
        """Takes a part of a task, and says how many are left in its bin."""
        await self._to_tote(task)
        if taken:
            await self.picker.scan(self.picker.screen["target"], taken)
        else:
            await self.picker.do("short")
        await self.picker.do("not_found")
        screen = await self.picker.do("count", left)
        assert screen["verdict"]["code"] in ("ok", "short_unsolved", "backordered"), screen

    async def move(self, sku: str, source: str, target: str, quantity: int) -> bool:
        """A planner's move; whether the goods were free."""
        words = Relocation(self.shop.name, sku, source, target, quantity=quantity)
        try:
            await relocate(self.pool, self.desk.request("move", repr(words)), words, NOW)
        except Conflict as refused:
            assert refused.code == "not_enough_stock"
            return False
        return True

    async def ask_count(self, sku: str, bin: str) -> None:
        """Asks for a count of one item in one bin."""
        async with staff_transaction(self.pool) as connection:
            places = await place_ids(connection)
            await counting.ask_count(
                connection, None, places[bin], self.item_ids[sku], "test", None, NOW
            )

    async def count_place(self) -> tuple[str, str | None] | None:
        """Goes to the next place to be counted: its code and the one SKU, or None for all of it."""
        screen = await self.counter.do("count")
        if screen["step"] == "wait":
            return None
        [task] = await rows(
            self.pool,
            "select p.code, i.sku from count_task t join place p on p.id = t.place_id "
            "left join item i on i.id = t.item_id where t.state = 'claimed'",
        )
        await self.counter.scan_all(task["code"])
        return task["code"], task["sku"]

    async def count(self, found: dict[str, int]) -> None:
        """Says what was found at the place."""
        for sku, quantity in found.items():
            await self.counter.scan(sku, quantity)
            assert self.counter.screen["verdict"]["ok"], self.counter.screen
        await self.counter.do("finish" if found else "empty")
        assert self.counter.screen["verdict"]["ok"], self.counter.screen

    async def cancel(self, order_id: int) -> bool:
        """A shop's wish to cancel; whether it was done."""
        request = Request(self.shop, self._number(), "cancellation", body_hash(order_id))
        answer = await cancel_order(self.pool, request, order_id, "changed my mind", NOW)
        return answer.body["state"] == "done"

    async def make_kits(self, quantity: int, bin: str, apart: bool) -> int | None:
        """Puts sets together or takes them apart; the movement, or None where goods are short."""
        words = KitWish(self.shop.name, "SET", quantity, bin)
        act = disassemble_kits if apart else assemble_kits
        try:
            await act(self.pool, self.desk.request("kits", repr(words)), words, NOW)
        except Conflict as refused:
            assert refused.code == "not_enough_stock"
            return None
        return await self.last_movement()

    async def reverse(self, movement_id: int) -> int | None:
        """Undoes a movement; the one that does so, or None where its goods have gone on."""
        request = self.desk.request("reversal", movement_id)
        try:
            answer = await reverse_movement(self.pool, movement_id, request, "mistake", NOW)
        except Conflict as refused:
            assert refused.code in ("not_enough_stock", "reversed_before"), refused.code
            return None
        return int(str(answer.body["movement_id"]))

    async def last_movement(self) -> int:
        [row] = await rows(self.pool, "select max(id) as id from movement")
        movement_id: int = row["id"]
        return movement_id

    async def lines(self, movement_id: int) -> list[asyncpg.Record]:
        """The lines of a movement: SKU, codes of both places, whether they are real, quantity."""
        return await rows(
            self.pool,
            "select i.sku, f.code as source, not f.virtual as from_house, t.code as target, "
            "not t.virtual as into_house, l.quantity from movement_line l "
            "join item i on i.id = l.item_id join place f on f.id = l.from_place_id "
            "join place t on t.id = l.to_place_id where l.movement_id = $1 order by l.line",
            movement_id,
        )

    async def ship(self, fulfilment_order_id: int) -> None:
        """Sorts, packs and hands over an order whose totes are on the conveyor."""
        await sort_all(self.pool)
        await packed_order(self.pool, fulfilment_order_id)
        loader = await loader_at_dock(self.pool)
        await loader.scan_all(f"]C100{await sscc_of(self.pool, fulfilment_order_id)}")
        await loader.do("close")

    async def state(self, fulfilment_order_id: int) -> str:
        [row] = await rows(
            self.pool, "select state from fulfilment_order where id = $1", fulfilment_order_id
        )
        found: str = row["state"]
        return found


async def open_crew(pool: asyncpg.Pool) -> Crew:
    """A house with its people, a shop, two items and a kit of them; nothing is on the shelves."""
    await enter_house(pool)
    await open_dock(pool)
    shop = await add_shop(pool)
    # Worth so little that no count waits for a planner.
    mug, cup, kit = (replace(an_item(sku), cost_minor=1) for sku in SKUS)
    parts = (Component("MUG", 2), Component("CUP", 1))
    kit = replace(kit, kind=ItemKind.KIT, components=parts)
    item_ids = await add_items(pool, shop, mug, cup, kit)
    return Crew(
        pool,
        shop,
        await open_desk(pool),
        item_ids,
        await person(pool, "Pia"),
        await person(pool, "Mia"),
        await person(pool, "Cora"),
    )

"""Whatever people do in whatever sequence, the house says what a plain model of it says."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders import BINS, differences, rows
from tests.key import KEYSET
from tests.server import EMBEDDED, Servers
from tests.wms.machine.crew import DOCK, SKUS, Crew, Task, open_crew
from tests.wms.machine.model import FLOOR, Model, Order
from wms.database.pool import open_pool

STORAGE = (*BINS, DOCK, "A-01-01-9")
REAL = frozenset(STORAGE)
Result = TypeVar("Result")

skus = st.sampled_from(SKUS)
bins = st.sampled_from(BINS)
few = st.integers(1, 6)
choice = st.integers(0, 99)


class House(RuleBasedStateMachine):
    """One house with its people: every step is done at its doors, and then in the model."""

    servers: ClassVar[Servers]

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._url = self.servers.create_database(EMBEDDED)
        self._pool = self._run(open_pool(self._url, application="test", keyset=KEYSET))
        self._crew: Crew = self._run(open_crew(self._pool))
        self._model = Model()
        self._movements: list[int] = []

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(work)

    def teardown(self) -> None:
        self._run(self._pool.close())
        self._runner.close()
        self.servers.drop_database(EMBEDDED, self._url)

    def _order(self, fulfilment_order_id: int) -> Order:
        return next(one for one in self._model.orders if one.fulfilment == fulfilment_order_id)

    def _shelves(self) -> list[tuple[str, str]]:
        return sorted(key for key in +self._model.stock if key[1] != FLOOR)

    def _holds_on_dock(self) -> bool:
        return any(place in (DOCK, FLOOR) for _, place in +self._model.stock)

    def _has_to_pick(self) -> bool:
        return any(one.standing and one.paid and one.unpicked for one in self._model.orders)

    def _note_movement(self) -> None:
        self._movements.append(self._run(self._crew.last_movement()))

    @initialize(quantities=st.tuples(few, few, few))
    def stock_the_shelves(self, quantities: tuple[int, int, int]) -> None:
        for sku, quantity in zip(SKUS, quantities, strict=True):
            self.receive(sku, 2 * quantity)
            self.put_away()

    @rule(sku=skus, quantity=few)
    def receive(self, sku: str, quantity: int) -> None:
        self._run(self._crew.receive(sku, quantity))
        self._note_movement()
        self._model.come(sku, DOCK, quantity)

    @precondition(lambda self: self._holds_on_dock())
    @rule()
    def put_away(self) -> None:
        moved = self._run(self._crew.put_away())
        if moved is not None:
            sku, source, target, quantity = moved
            self._model.go(sku, source if source in REAL else FLOOR, target, quantity)

    @rule(sku=skus, quantity=few, buyers=st.integers(1, 4))
    def several_buy_at_once(self, sku: str, quantity: int, buyers: int) -> None:
        winners = min(buyers, self._model.free(sku) // quantity)
        bought = self._run(self._crew.buy(sku, quantity, buyers))
        assert len(bought) == winners
        for one in bought:
            self._model.buy(one.order_id, one.fulfilment_order_id, sku, quantity)

    @precondition(lambda self: any(one.standing for one in self._model.orders))
    @rule(several=st.integers(1, 3))
    def pay_and_release(self, several: int) -> None:
        unpaid = [one for one in self._model.orders if one.standing and not one.paid]
        chosen = unpaid[:several]
        for one in chosen:
            self._model.pay(one)
        self._run(self._crew.pay_and_plan([(one.number, one.fulfilment) for one in chosen]))

    @precondition(lambda self: self._has_to_pick())
    @rule(several=st.integers(1, 6))
    def pick(self, several: int) -> None:
        for _ in range(several):
            task = self._run(self._crew.task())
            if task is not None:
                self._run(self._crew.pick(task))
                self._model.pick(self._order(task.fulfilment_order_id), task.bin, task.quantity)

    @precondition(lambda self: self._has_to_pick())
    @rule(taken=st.integers(0, 5), left=st.integers(0, 5))
    def fall_short(self, taken: int, left: int) -> None:
        task = self._run(self._crew.task())
        if task is None:
            return
        taken = min(taken, task.quantity - 1)
        left = min(left, task.quantity - 1 - taken)
        self._run(self._crew.fall_short(task, taken, left))
        self._fell_short(task, taken, left)

    def _fell_short(self, task: Task, taken: int, left: int) -> None:
        if taken:
            self._model.pick(self._order(task.fulfilment_order_id), task.bin, taken)
        there = self._model.stock[task.sku, task.bin]
        self._model.lose(task.sku, task.bin, there - left)

    @precondition(lambda self: bool(self._shelves()))
    @rule(which=choice, goal=bins, quantity=few)
    def move(self, which: int, goal: str, quantity: int) -> None:
        sku, source = self._shelves()[which % len(self._shelves())]
        if source == goal:
            return
        if self._run(self._crew.move(sku, source, goal, quantity)):
            self._note_movement()
            self._model.go(sku, source, goal, quantity)

    @precondition(lambda self: bool(self._shelves()))
    @rule(which=choice, off=st.integers(-3, 3), ask=st.booleans())
    def count(self, which: int, off: int, ask: bool) -> None:
        sku, bin = self._shelves()[which % len(self._shelves())]
        if ask:
            self._run(self._crew.ask_count(sku, bin))
        task = self._run(self._crew.count_place())
        if task is None:
            return
        place, only = task
        there = {one: self._model.stock[one, place] for one in SKUS if only is None or one == only}
        first = only or sku
        found = there | {first: max(0, there[first] + off)}
        self._run(self._crew.count({one: n for one, n in found.items() if n}))
        for one, quantity in found.items():
            if quantity >= there[one]:
                self._model.come(one, place, quantity - there[one])
            else:
                self._model.lose(one, place, there[one] - quantity)

    @precondition(lambda self: bool(self._model.orders))
    @rule(which=choice, twice=st.booleans())
    def cancel(self, which: int, twice: bool) -> None:
        order = self._model.orders[which % len(self._model.orders)]
        for _ in range(1 + twice):
            done = self._run(self._crew.cancel(order.number))
            assert done == (order.state != "shipped")
            if order.state == "open":
                self._model.cancel(order)

    @rule(quantity=st.integers(1, 3), bin=bins, apart=st.booleans())
    def kit(self, quantity: int, bin: str, apart: bool) -> None:
        wanted = {"SET": quantity} if apart else {"MUG": 2 * quantity, "CUP": quantity}
        movement_id = self._run(self._crew.make_kits(quantity, bin, apart))
        if movement_id is None:
            return
        assert all(self._model.free(sku) >= n for sku, n in wanted.items()), "took what is sold"
        self._movements.append(movement_id)
        self._follow(movement_id)

    @precondition(lambda self: bool(self._movements))
    @rule(which=choice)
    def reverse(self, which: int) -> None:
        movement_id = self._movements[-1 - which % min(3, len(self._movements))]
        reversal_id = self._run(self._crew.reverse(movement_id))
        if reversal_id is not None:
            self._movements.remove(movement_id)
            self._follow(reversal_id)

    def _follow(self, movement_id: int) -> None:
        """Does in the model what a movement's lines say: what stays and comes before what goes."""
        lines = self._run(self._crew.lines(movement_id))
        for line in lines:
            if line["from_house"] and line["into_house"]:
                self._model.go(line["sku"], line["source"], line["target"], line["quantity"])
            elif line["into_house"]:
                self._model.come(line["sku"], line["target"], line["quantity"])
        for line in lines:
            if line["from_house"] and not line["into_house"]:
                self._model.lose(line["sku"], line["source"], line["quantity"])

    @precondition(lambda self: any(one.standing and one.picked for one in self._model.orders))
    @rule(come_back=st.integers(0, 6))
    def ship(self, come_back: int) -> None:
        for order in self._model.orders:
            if order.standing and self._run(self._crew.state(order.fulfilment)) == "picked":
                self._run(self._crew.ship(order.fulfilment))
                shipped = order.picked
                self._model.ship(order)
                if 0 < come_back <= shipped:
                    self._run(self._crew.take_back(order.number, order.sku, come_back))
                    self._model.come(order.sku, DOCK, come_back)
                return

    @invariant()
    def the_house_says_what_the_model_says(self) -> None:
        assert self._run(self._stock()) == +self._model.stock
        for sku, (sellable, promised) in self._run(self._availability()).items():
            assert (sellable, promised) == (self._model.sellable(sku), self._model.promised(sku))

    @invariant()
    def ledger_and_books_agree(self) -> None:
        assert self._run(differences(self._pool)) == []

    async def _stock(self) -> Counter[tuple[str, str]]:
        found = await rows(
            self._pool,
            "select i.sku, p.code, sum(b.on_hand)::int as quantity from balance b "
            "join item i on i.id = b.item_id join place p on p.id = b.place_id "
            "where b.status = 'available' and b.on_hand > 0 group by 1, 2",
        )
        stock: Counter[tuple[str, str]] = Counter()
        for row in found:
            stock[row["sku"], row["code"] if row["code"] in REAL else FLOOR] += row["quantity"]
        return stock

    async def _availability(self) -> dict[str, tuple[int, int]]:
        found = await rows(
            self._pool,
            "select i.sku, a.sellable, a.promised from availability a "
            "join item i on i.id = a.item_id",
        )
        return {row["sku"]: (row["sellable"], row["promised"]) for row in found}


def test_the_house_never_says_other_than_the_model(servers: Servers) -> None:
    House.servers = servers
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            # A failing sequence is short enough to be read, and shrinking it takes minutes.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )

"""The choice of orders for a wave: its file and its answer."""

from collections import Counter
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from api.plan.floor import Said, sensible
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem

Name = Annotated[str, Field(min_length=1, max_length=200)]
Units = Annotated[int, Field(ge=0, le=1_000_000_000)]
EXAMPLE: JsonDict = {
    "orders": [
        {"id": "A-1", "lines": [{"item": "TEA", "quantity": 2}]},
        {"id": "A-2", "lines": [{"item": "MUG", "quantity": 1}], "must": True},
    ],
    "aisles": [{"id": "01", "stock": [{"item": "TEA", "quantity": 9}]}],
    "units_min": 1,
    "units_max": 10,
}


class Quantity(Said):
    """So much of an item."""

    item: Name = Field(description="The item's code.")
    quantity: int = Field(ge=1, le=1_000_000_000, description="How many units.")


class WaitingOrder(Said):
    """An order that waits."""

    id: Name = Field(description="The order's name.")
    lines: tuple[Quantity, ...] = Field(min_length=1, description="What it asks for.")
    must: bool = Field(
        default=False, description="It goes before all others, as far as that is possible."
    )


class AisleStock(Said):
    """What lies free in an aisle."""

    id: Name = Field(description="The aisle's name.")
    stock: tuple[Quantity, ...] = Field(description="Its free goods.")


class WaveInput(Said):
    """Orders that wait and what lies in which aisle, for `stowline plan wave`."""

    model_config = ConfigDict(title="Wave, input", json_schema_extra={"examples": [EXAMPLE]})

    orders: tuple[WaitingOrder, ...] = Field(max_length=1_000_000, description="What waits.")
    aisles: tuple[AisleStock, ...] = Field(max_length=100_000, description="Where goods lie.")
    units_min: Units = Field(description="The wave's units at least.")
    units_max: Units = Field(description="The wave's units at most.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for what, names in (("order", self.order_ids), ("aisle", self.aisle_ids)):
            if twice := [name for name, times in Counter(names).items() if times > 1]:
                why = f"{what} {twice[0]} is listed twice"
                raise PydanticCustomError("twice", "{why}", {"why": why})
        sensible(self.problem)
        return self

    @property
    def order_ids(self) -> tuple[int | str, ...]:
        """The orders' names."""
        return tuple(order.id for order in self.orders)

    @property
    def aisle_ids(self) -> tuple[int | str, ...]:
        """The aisles' names."""
        return tuple(aisle.id for aisle in self.aisles)

    def problem(self) -> WaveProblem:
        """As routing knows it: everything by its number."""
        rows = [order.lines for order in self.orders]
        shelves = [aisle.stock for aisle in self.aisles]
        items: dict[str, int] = {}
        for row in (*rows, *shelves):
            for one in row:
                items.setdefault(one.item, len(items))

        def numbered(row: tuple[Quantity, ...]) -> tuple[tuple[int, int], ...]:
            return tuple((items[one.item], one.quantity) for one in row)

        return WaveProblem(
            tuple(numbered(row) for row in rows),
            tuple(numbered(row) for row in shelves),
            self.units_min,
            self.units_max,
            frozenset(at for at, order in enumerate(self.orders) if order.must),
        )


class OrderLeftOut(Said):
    """An order that stays."""

    order: int | str = Field(description="Its name, or its number from 0 in a text file.")
    reason: str = Field(description="Why, in plain words.")


class WaveOutput(Said):
    """What `stowline plan wave --json` prints."""

    model_config = ConfigDict(title="Wave, output")

    objective: float = Field(ge=0, description="Units by visited aisle.")
    orders: tuple[int | str, ...] = Field(description="The chosen orders.")
    aisles: tuple[int | str, ...] = Field(description="The aisles that are visited for them.")
    units: int = Field(ge=0, description="Units of the chosen orders.")
    bound: float = Field(ge=0, description="No choice gives more units by aisle.")
    gap: float = Field(ge=0, description="How far below the bound it is, as a share of the bound.")
    optimal: bool = Field(description="Whether it is proven that no choice gives more.")
    method: str = Field(description="What made the choice.")
    baseline_objective: float | None = Field(
        description="Of the orders as they came; null where those reach no wave."
    )
    left_out: tuple[OrderLeftOut, ...] = Field(description="Orders that stay.")


def wave_answer(
    choice: WaveChoice,
    baseline: WaveChoice | None,
    orders: tuple[int | str, ...],
    aisles: tuple[int | str, ...],
) -> WaveOutput:
    """The answer that a choice comes to, in the file's own names."""
    gap = 1 - choice.objective / choice.bound if choice.bound else 0.0
    return WaveOutput(
        objective=choice.objective,
        orders=tuple(orders[order] for order in choice.orders),
        aisles=tuple(aisles[aisle] for aisle in choice.aisles),
        units=choice.units,
        bound=choice.bound,
        gap=max(0.0, gap),
        optimal=choice.optimal,
        method=choice.method,
        baseline_objective=baseline.objective if baseline else None,
        left_out=tuple(
            OrderLeftOut(order=orders[order], reason=why) for order, why in choice.left_out
        ),
    )


def small_wave() -> WaveProblem:
    """A wave that takes no time, to try a search with."""
    orders = tuple(((at % 5, 1 + at % 3), (at % 7, 2)) for at in range(14))
    aisles = tuple(tuple((item, 3 + (item + at) % 4) for item in range(7)) for at in range(6))
    return WaveProblem(orders, aisles, 6, 20)

"""The floor: what the people share beside the world, which is places, machines and distances."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.belt import BeltPlan
from sim.modbus import PlcServer
from sim.plc import Plc
from sim.printer import Printer
from sim.scenario.item import Item
from sim.scenario.place import AISLE_LENGTH_MM, AISLE_PITCH_MM, Place
from sim.world import BELT, World

_WALK_MM_S = 1_200.0
# Shorter than this a pause costs more than it shows.
_PAUSE_MIN_S = 0.002
_GTIN_DIGITS = 14


@dataclass(slots=True)
class Floor:
    """Places by code, items by SKU, machines by name; `speed` scales all motion.

    `slips` says what the slip in a tote calls its order, and `shop_numbers` what the shop calls it.
    `doubts` are totes that the house may not know to stand where they do, and from when to ask;
    `put_back` are those that it did not know, and where they had stood.
    """

    world: World
    items: Mapping[str, Item]
    places: Mapping[str, Place]
    cartons: Sequence[str]
    speed: float
    plc: Plc
    plc_server: PlcServer
    printers: Mapping[str, Printer]
    _by_gtin: dict[str, Item] = field(default_factory=dict)
    slips: dict[str, str] = field(default_factory=dict)
    shop_numbers: dict[str, str] = field(default_factory=dict)
    recounted: set[tuple[str, str]] = field(default_factory=set)
    staged: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    doubts: dict[str, float] = field(default_factory=dict)
    put_back: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_gtin = {item.barcode.zfill(_GTIN_DIGITS): item for item in self.items.values()}

    def item_of_barcode(self, barcode: str) -> Item | None:
        """Find the item with a barcode, with or without the zeros that lengthen a GTIN."""
        return self._by_gtin.get(barcode.zfill(_GTIN_DIGITS))

    async def walk(self, start: str, end: str) -> None:
        """Walk from one bin to another, by the nearer cross aisle."""
        here, there = self.places.get(start), self.places.get(end)
        if here is None or there is None or here.aisle is None or there.aisle is None:
            return
        assert here.y_mm is not None and there.y_mm is not None
        if here.aisle == there.aisle:
            distance_mm = abs(here.y_mm - there.y_mm)
        else:
            both = here.y_mm + there.y_mm
            across_mm = abs(here.aisle - there.aisle) * AISLE_PITCH_MM
            distance_mm = across_mm + min(both, 2 * AISLE_LENGTH_MM - both)
        pause_s = distance_mm / (_WALK_MM_S * self.speed)
        if pause_s >= _PAUSE_MIN_S:
            await asyncio.sleep(pause_s)

    def put_on_belt(self, tote: str) -> None:
        """Put a tote on the induction."""
        self.world.stand(tote, BELT)
        self.plc.load(tote)
        self.plc_server.changed.set()

    def rack(self, lane: int) -> str:
        """Give the spot at the end of a lane."""
        return f"rack {next(one.code for one in self.places.values() if one.lane == lane)}"

    def next_carton(self, carton: str) -> str | None:
        """Give the next bigger carton; None when there is none."""
        after = self.cartons.index(carton) + 1 if carton in self.cartons else len(self.cartons)
        return self.cartons[after] if after < len(self.cartons) else None


def scaled_plan(speed: float) -> BeltPlan:
    """Give the belt at `speed` times its own 500 mm/s."""
    return BeltPlan(speed_mm_s=500.0 * speed)

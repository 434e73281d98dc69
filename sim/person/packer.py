"""A packer: a tote, a carton, the items into it, the label on it; again until the order is done.

Which totes an order has is read from the screen, else from the slips in the totes. For a few
orders, which the shop's own number decides, the carton at hand is a size bigger than the planned.

A tote in doubt, and one that has stood for long, is scanned before others; one that the house looks
for elsewhere goes back on the belt.
"""

import asyncio
import math
import re
import time
from dataclasses import dataclass, field

from sim.chance import fraction
from sim.person.handheld import Screen
from sim.person.work import GaveUp, Worker, follow_screens
from sim.printer import PrintedLabel, Printer

_COUNT = re.compile(r"\s*(\d+)\s*[×x]")
_PATIENCE_S = 60.0
_LOOK_AGAIN_S = 0.05
_REFRESH_S = 0.3
# Longer than a gateway is away that was killed: what it has still to book is no stranger.
_STRANGE_S = 15.0
_LEAVE_STANDING = frozenset({"not_complete", "packed_elsewhere"})


@dataclass(slots=True)
class Packer:
    """One packer at one packing place with a printer of its own."""

    worker: Worker
    place: str
    printer: Printer
    seed: int
    bigger_cartons: float
    _totes: list[str] = field(default_factory=list)
    _slip: str = ""
    _order: str = ""
    _labels: list[PrintedLabel] = field(default_factory=list)
    _odd_carton_tried: set[str] = field(default_factory=set)
    _without_label_s: float | None = None
    _standing_since_s: dict[str, float] = field(default_factory=dict)

    async def work(self) -> None:
        """Pack order after order until cancelled."""
        steps = {
            "idle": self._wait,
            "station": self._scan_station,
            "tote": self._scan_tote,
            "carton": self._scan_carton,
            "item": self._put_item,
            "label": self._scan_label,
        }
        await follow_screens(self.worker, "pack", steps)

    @property
    def _rack(self) -> str:
        return f"rack {self.place}"

    @property
    def _carton(self) -> str:
        return f"carton {self.place}"

    async def _scan_station(self, _screen: Screen) -> Screen:
        return await self.worker.handheld.scan(self.place)

    async def _wait(self, _screen: Screen) -> Screen:
        self._clear_rack()
        await asyncio.sleep(_REFRESH_S)
        while not self.worker.floor.world.standing(self._rack):
            await asyncio.sleep(_LOOK_AGAIN_S)
        after = await self._ask_doubted()
        return after or await self.worker.handheld.press("refresh")

    async def _ask_doubted(self) -> Screen | None:
        """Scan doubted totes whose time has come; gives the screen of one that can be packed."""
        floor, now_s = self.worker.floor, time.monotonic()
        here = floor.world.standing(self._rack)
        since_s = {tote: self._standing_since_s.get(tote, now_s) for tote in here}
        self._standing_since_s = since_s
        for tote in here:
            if now_s < min(floor.doubts.get(tote, math.inf), since_s[tote] + _STRANGE_S):
                continue
            floor.doubts.pop(tote, None)
            since_s[tote] = now_s
            after = await self.worker.handheld.scan(tote)
            if after.right:
                self._begin_order(tote, after)
                return after
            if after.verdict not in _LEAVE_STANDING:
                self.worker.handheld.tally.counts["totes_put_back"] += 1
                floor.put_back[tote] = self._rack
                floor.put_on_belt(tote)
        return None

    async def _scan_tote(self, screen: Screen) -> Screen:
        self._clear_rack()
        if (doubted := await self._ask_doubted()) is not None:
            return doubted
        for tote in self._candidates(screen):
            after = await self.worker.handheld.scan(tote)
            if after.right:
                self._begin_order(tote, after)
                return after
        return await self._wait(screen)

    def _candidates(self, screen: Screen) -> list[str]:
        """Give a tote of each order on the rack, those that the screen names before all others."""
        here = self.worker.floor.world.standing(self._rack)
        named = [tote for tote in screen.totes if tote in here]
        slips = self.worker.floor.slips
        # The last tote to come may have completed its order.
        latest = {slips.get(tote) or tote: tote for tote in here}
        return named or list(reversed(latest.values()))

    def _clear_rack(self) -> None:
        floor = self.worker.floor
        for tote in floor.world.standing(self._rack):
            if not floor.world.units(f"tote {tote}"):
                floor.slips.pop(tote, None)
                floor.world.return_tote(tote)

    def _begin_order(self, tote: str, screen: Screen) -> None:
        floor = self.worker.floor
        self._slip = floor.slips.get(tote, "")
        self._totes = list(dict.fromkeys([tote, *screen.totes]))
        self._order = floor.shop_numbers.get(self._slip, self._slip)

    def _totes_of_order(self) -> list[str]:
        """Give the order's totes on the rack; one may still be rolling down the lane."""
        floor = self.worker.floor
        slip = self._slip
        return [
            tote
            for tote in floor.world.standing(self._rack)
            if tote in self._totes or (slip and floor.slips.get(tote) == slip)
        ]

    async def _scan_carton(self, screen: Screen) -> Screen:
        tally = self.worker.handheld.tally
        bigger = self.worker.floor.next_carton(screen.target)
        odd = (
            bool(self._order)
            and self._order not in self._odd_carton_tried
            and fraction(self.seed, "bigger carton", self._order) < self.bigger_cartons
        )
        if bigger is None or not odd:
            return await self.worker.handheld.scan(screen.target)
        self._odd_carton_tried.add(self._order)
        after = await self.worker.handheld.scan(bigger)
        tally.counts["bigger_cartons"] += after.right
        return after

    async def _put_item(self, screen: Screen) -> Screen:
        barcode, wanted = self._wanted(screen)
        item = self.worker.floor.item_of_barcode(barcode)
        if item is None:
            raise GaveUp(f"nothing here has the barcode {barcode}")
        there = await self._find(item.sku)
        world, hand = self.worker.floor.world, self.worker.hand
        taken: list[tuple[str, int]] = []
        left = wanted
        for tote, units in there.items():
            part = min(left, units)
            if part:
                world.move(item.sku, part, f"tote {tote}", hand)
                taken.append((tote, part))
                left -= part
        quantity = wanted - left
        after = await self.worker.handheld.scan(item.barcode, quantity)
        if after.right:
            world.pour(hand, self._carton)
            self.worker.handheld.tally.counts["units_packed"] += quantity
        else:
            for tote, part in taken:
                world.move(item.sku, part, hand, f"tote {tote}")
        return after

    async def _find(self, sku: str) -> dict[str, int]:
        world = self.worker.floor.world
        give_up_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < give_up_s:
            totes = self._totes_of_order()
            found = {tote: world.quantity(f"tote {tote}", sku) for tote in totes}
            if any(found.values()):
                return found
            await asyncio.sleep(_LOOK_AGAIN_S)
        raise GaveUp(f"no {sku} for order {self._order} in {self._totes_of_order()}")

    def _wanted(self, screen: Screen) -> tuple[str, int]:
        for label, value in screen.facts:
            found = _COUNT.match(value)
            if label.isdecimal() and found and int(found[1]) > 0:
                return label, int(found[1])
        raise GaveUp(f"what is missing? The screen says {screen.facts}")

    async def _scan_label(self, screen: Screen) -> Screen:
        label = await self._take_label()
        if label is None:
            return await self._say_none(screen)
        self._without_label_s = None
        if label.sscc is None:
            raise GaveUp(f"no SSCC can be read from a label of {self.printer.name}")
        give_up_s = time.monotonic() + _PATIENCE_S
        # The house hears from the printer's counter a moment after the label is in the hand; it
        # takes as long to stick it on.
        await asyncio.sleep(_LOOK_AGAIN_S)
        while True:
            after = await self.worker.handheld.scan(f"]C100{label.sscc}")
            if after.verdict != "label_not_printed" or time.monotonic() > give_up_s:
                break
            await asyncio.sleep(_LOOK_AGAIN_S)
        if after.right:
            self._labels.remove(label)
            self._send_off(label.sscc)
        else:
            # Not this parcel's: it waits behind the other labels at hand.
            self._labels.append(self._labels.pop(0))
            await asyncio.sleep(_LOOK_AGAIN_S)
        return after

    async def _take_label(self) -> PrintedLabel | None:
        while not self.printer.tray.empty():
            self._labels.insert(0, self.printer.tray.get_nowait())
        if not self._labels:
            try:
                self._labels.append(await asyncio.wait_for(self.printer.tray.get(), _REFRESH_S))
            except TimeoutError:
                return None
        return self._labels[0]

    async def _say_none(self, screen: Screen) -> Screen:
        """Look what the house says of a label that does not come; where it asks, say so."""
        now_s = time.monotonic()
        since_s = self._without_label_s = self._without_label_s or now_s
        if now_s - since_s > _PATIENCE_S:
            raise GaveUp(f"no label came out of {self.printer.name}")
        handheld = self.worker.handheld
        if "print" in screen.actions:
            handheld.tally.counts["labels_asked_for"] += 1
            return await handheld.press("print")
        # Where the house is sure that it was printed, it may still be on its way into the tray.
        if "not_there" in screen.actions and "spoilt" not in screen.actions:
            handheld.tally.counts["labels_not_there"] += 1
            return await handheld.press("not_there")
        return await handheld.press("refresh")

    def _send_off(self, sscc: str) -> None:
        floor = self.worker.floor
        floor.world.pour(self._carton, f"parcel {sscc}")
        floor.world.stand(sscc, "dock")
        floor.staged.put_nowait(sscc)
        self.worker.handheld.tally.counts["parcels"] += 1

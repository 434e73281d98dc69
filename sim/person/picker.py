"""A picker: cart, totes, then bin, item, tote again and again, and all totes on the conveyor.

What the screen calls the order goes on a slip into each of its totes.

Some pickers scan the bin beside the right one now and then, and some leave a bin for later. A
picker who finds fewer units than asked takes what there is, says that the rest is not to be found,
and counts what is left truthfully; so does one who is asked whether a bin is empty.
"""

import asyncio
import re
from dataclasses import dataclass, field
from random import Random

from sim.person.handheld import Screen
from sim.person.work import GaveUp, Worker, follow_screens
from sim.scenario.item import Item

_SKU = re.compile(r"\bSKU[ :]+(\S+)")
CONVEYOR = "CONVEYOR"
_LOOK_AGAIN_S = 0.5
_SKIPS = 0.02


@dataclass(slots=True)
class Picker:
    """One picker with one cart."""

    worker: Worker
    cart: str
    chance: Random
    wrong_bins: float
    skips: float = _SKIPS
    _bin: str = ""
    _item: Item | None = None
    _tote: str | None = None
    _on_cart: list[str] = field(default_factory=list)

    async def work(self) -> None:
        """Pick batch after batch until cancelled."""
        steps = {
            "idle": self._wait,
            "cart": self._scan_cart,
            "tote": self._scan_tote,
            "bin": self._scan_bin,
            "item": self._scan_item,
            "put": self._put,
            "reason": self._say_why,
            "short": self._recount,
            "empty": self._look,
            "drop": self._drop,
        }
        await follow_screens(self.worker, "pick", steps)

    async def _wait(self, screen: Screen) -> Screen:
        if screen.step == "wait":
            self._clear_cart()
        await asyncio.sleep(_LOOK_AGAIN_S)
        return await self.worker.handheld.press("pick")

    async def _scan_cart(self, _screen: Screen) -> Screen:
        self._clear_cart()
        return await self.worker.handheld.scan(self.cart)

    def _clear_cart(self) -> None:
        """Take totes off that nothing was found for; the walk is over and nobody asked for them."""
        for tote in self._on_cart:
            self.worker.floor.world.return_tote(tote)
        self._on_cart = []

    async def _scan_tote(self, screen: Screen) -> Screen:
        floor = self.worker.floor
        world = floor.world
        tote = world.take_tote()
        after = await self.worker.handheld.scan(tote)
        if after.right:
            world.stand(tote, f"cart {self.cart}")
            self._on_cart.append(tote)
            floor.slips[tote] = screen.fact("order") or ""
        else:
            world.return_tote(tote)
        return after

    async def _scan_bin(self, screen: Screen) -> Screen:
        floor, handheld = self.worker.floor, self.worker.handheld
        if "skip" in screen.actions and screen.right and self.chance.random() < self.skips:
            after = await handheld.press("skip")
            if after.right:
                handheld.tally.counts["bins_skipped"] += 1
            return after
        await floor.walk(self._bin, screen.target)
        if self.chance.random() < self.wrong_bins:
            beside = self._bin_beside(screen.target)
            if beside is not None:
                handheld.tally.counts["wrong_bins_scanned"] += 1
                after = await handheld.scan(beside)
                if after.right:
                    raise GaveUp(f"{beside} was taken for {screen.target}")
                return after
        self._bin = screen.target
        return await handheld.scan(screen.target)

    async def _scan_item(self, screen: Screen) -> Screen:
        self._bin = screen.fact("bin") or self._bin
        self._item = self._wanted(screen)
        if self._there() == 0:
            return await self._nothing_there(screen)
        return await self.worker.handheld.scan(self._item.barcode)

    async def _put(self, screen: Screen) -> Screen:
        if self._item is None:
            self._item = self._wanted(screen)
        if screen.target not in self._on_cart:
            raise GaveUp(f"{screen.target} is not on {self.cart}")
        there = self._there()
        if there == 0:
            return await self._nothing_there(screen)
        world, hand = self.worker.floor.world, self.worker.hand
        quantity = min(there, screen.ask or 1)
        world.move(self._item.sku, quantity, f"bin {self._bin}", hand)
        after = await self.worker.handheld.scan(screen.target, quantity)
        if not after.right:
            world.pour(hand, f"bin {self._bin}")
            return after
        world.pour(hand, f"tote {screen.target}")
        self.worker.handheld.tally.counts["units_picked"] += quantity
        return after

    async def _nothing_there(self, screen: Screen) -> Screen:
        if "short" not in screen.actions:
            raise GaveUp(f"{self._bin} is empty, and nothing to say so with")
        after = await self.worker.handheld.press("short")
        if after.right and after.step not in ("reason", "short"):
            self._note_recount()
        return after

    async def _recount(self, _screen: Screen) -> Screen:
        left = self._there()
        after = await self.worker.handheld.enter(left)
        if after.right or after.verdict == "short_unsolved":
            self._note_recount()
        return after

    async def _say_why(self, _screen: Screen) -> Screen:
        return await self.worker.handheld.press("not_found")

    async def _look(self, screen: Screen) -> Screen:
        left = self.worker.floor.world.quantity(f"bin {screen.target}", self._wanted(screen).sku)
        self.worker.handheld.tally.counts["empty_bins_checked"] += 1
        if left == 0:
            return await self.worker.handheld.press("empty")
        return await self.worker.handheld.enter(left)

    async def _drop(self, screen: Screen) -> Screen:
        empty = {value for label, value in screen.facts if label.startswith("Empty")}
        after = await self.worker.handheld.scan(CONVEYOR)
        if after.right:
            for tote in self._on_cart:
                if tote in empty:
                    self.worker.floor.world.return_tote(tote)
                else:
                    self.worker.floor.put_on_belt(tote)
                    self.worker.handheld.tally.counts["totes_dropped"] += 1
            self._on_cart = []
            self._bin = ""
        return after

    def _note_recount(self) -> None:
        assert self._item is not None
        self.worker.handheld.tally.counts["shorts"] += 1
        self.worker.floor.recounted.add((self._item.sku, self._bin))

    def _there(self) -> int:
        assert self._item is not None
        return self.worker.floor.world.quantity(f"bin {self._bin}", self._item.sku)

    def _wanted(self, screen: Screen) -> Item:
        shown = [*screen.lines, *(f"{label} {value}" for label, value in screen.facts)]
        skus = [found[1] for text in shown if (found := _SKU.search(text))]
        item = self.worker.floor.items.get(skus[0]) if skus else None
        if item is None:
            raise GaveUp(f"which item? The screen says {shown}")
        return item

    def _bin_beside(self, code: str) -> str | None:
        stem, _, level = code.rpartition("-")
        other = f"{stem}-{int(level) % 3 + 1}" if level.isdecimal() else code
        return other if other != code and other in self.worker.floor.places else None

"""The loader: scans parcels into the van, and closes the departure when it is time to leave.

A van leaves when it holds enough, when the day's last parcel is in it, or when nothing more came
for a while.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sim.person.handheld import Screen
from sim.person.work import Worker, follow_screens

_LOOK_AGAIN_S = 0.1


@dataclass(slots=True)
class Loader:
    """One loader at one dock; `left` is called with the parcels of a van that leaves."""

    worker: Worker
    dock: str
    parcels_a_van: int
    patience_s: float
    day_done: Callable[[], bool]
    left: Callable[[list[str]], Awaitable[None]]
    vans: int = 0
    _inside: list[str] = field(default_factory=list)
    _waiting: str | None = None

    async def work(self) -> None:
        """Load van after van until cancelled."""
        steps = {"departure": self._scan_departure, "parcel": self._load}
        await follow_screens(self.worker, "load", steps)

    async def _scan_departure(self, _screen: Screen) -> Screen:
        # A departure is opened for something: an empty van has no reason to stand here.
        self._waiting = await self.worker.floor.staged.get()
        return await self.worker.handheld.scan(self.dock)

    async def _load(self, screen: Screen) -> Screen:
        if len(self._inside) >= self.parcels_a_van:
            return await self._close()
        sscc = self._waiting or await self._next_parcel()
        if sscc is None:
            return await self._close() if self._inside else screen
        self._waiting = sscc
        after = await self.worker.handheld.scan(f"]C100{sscc}")
        if not after.right:
            await asyncio.sleep(_LOOK_AGAIN_S)
            return after
        self._waiting = None
        self._inside.append(sscc)
        self.worker.floor.world.stand(sscc, f"van {self.vans + 1}")
        self.worker.handheld.tally.counts["loaded"] += 1
        return after

    async def _next_parcel(self) -> str | None:
        staged = self.worker.floor.staged
        waited_s = 0.0
        while staged.empty():
            if self._inside and (self.day_done() or waited_s >= self.patience_s):
                return None
            await asyncio.sleep(_LOOK_AGAIN_S)
            waited_s += _LOOK_AGAIN_S
        return staged.get_nowait()

    async def _close(self) -> Screen:
        after = await self.worker.handheld.press("close")
        if after.right:
            self.vans += 1
            parcels, self._inside = self._inside, []
            self.worker.handheld.tally.counts["vans"] += 1
            await self.left(parcels)
        return after

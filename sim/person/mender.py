"""The one who walks along the sorter: frees what is stuck, and brings back what lies beside it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sim.floor import Floor
from sim.tally import Tally
from sim.world import BELT

_JAM_S = 1.0
_CARRY_S = 0.8
_REJECTIONS = 2
_SEARCH_S = 6.0
_LOOK_AGAIN_S = 0.1
# Whatever was still being written when the PLC went off is in the books by then, or never will be.
_DOUBT_S = 2.5


@dataclass(slots=True)
class Mender:
    """One person for the whole sorter; every job takes some seconds, and many run at a time."""

    floor: Floor
    tally: Tally
    _rejections: Counter[str] = field(default_factory=Counter)
    _jobs: asyncio.Queue[Callable[[], Coroutine[Any, Any, None]]] = field(
        default_factory=asyncio.Queue
    )

    async def work(self) -> None:
        """Do what there is to do until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                job = await self._jobs.get()
                tasks.create_task(job())

    def free(self, track: int, *, take_off: bool) -> None:
        """Free what is stuck; a tote that has to come off goes on the induction again."""
        self._jobs.put_nowait(partial(self._free, track, take_off))

    def bring(self, totes: list[str]) -> None:
        """Bring totes that lie somewhere beside the belt back to the induction."""
        self._jobs.put_nowait(partial(self._bring, totes))

    def bring_rejected(self, tote: str) -> None:
        """Bring a tote from the reject lane; one that the house knows by now goes where it stood.

        A packer had put it back, and it came out again: it was only booked late.
        """
        self._rejections[tote] += 1
        spot = self.floor.put_back.get(tote)
        if spot is None or self._rejections[tote] < _REJECTIONS:
            self.bring([tote])
            return
        del self.floor.put_back[tote], self._rejections[tote]
        self._jobs.put_nowait(partial(self._carry, tote, spot))

    def search(self, tote: str, spot: str) -> None:
        """Look where a tote should come to stand that the sorter takes for lost, and bring it."""
        self._jobs.put_nowait(partial(self._search, tote, spot))

    def doubt(self, totes: list[str]) -> None:
        """Have those who pack ask the house whether it knows that these stand with them."""
        due_s = time.monotonic() + _DOUBT_S
        self.floor.doubts.update(dict.fromkeys(totes, due_s))

    async def _free(self, track: int, take_off: bool) -> None:
        await asyncio.sleep(_JAM_S)
        tote = self.floor.plc.clear_jam(track, take_off=take_off)
        self.floor.plc_server.changed.set()
        self.tally.counts["jams_cleared"] += 1
        if tote is not None:
            await self._bring([tote])

    async def _bring(self, totes: list[str]) -> None:
        await asyncio.sleep(_CARRY_S)
        for tote in totes:
            self.tally.counts["totes_brought_back"] += 1
            self.floor.put_on_belt(tote)

    async def _carry(self, tote: str, spot: str) -> None:
        await asyncio.sleep(_CARRY_S)
        self.tally.counts["totes_carried"] += 1
        self.floor.world.stand(tote, spot)

    async def _search(self, tote: str, spot: str) -> None:
        world = self.floor.world
        give_up_s = time.monotonic() + _SEARCH_S
        while world.whereabouts(tote) == BELT and time.monotonic() < give_up_s:
            await asyncio.sleep(_LOOK_AGAIN_S)
        if world.whereabouts(tote) == spot:
            await self._bring([tote])

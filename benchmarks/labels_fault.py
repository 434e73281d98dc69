"""Printers of the simulator with faults by plan, and what truly lies in their trays."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from sim.chance import choose, fraction
from sim.printer import Cut, Printer, Trouble

KILLED = "killed"
_CUTS = {"cut-before": Cut.BEFORE_PRINT, "cut-after": Cut.AFTER_PRINT}
_TROUBLES = {
    trouble.value: trouble
    for trouble in (
        Trouble.POWER_BEFORE,
        Trouble.POWER_AFTER,
        Trouble.HALF_OPEN_BEFORE,
        Trouble.HALF_OPEN_AFTER,
        Trouble.MEDIA_OUT,
        Trouble.SLOW,
    )
}
KINDS = (*_CUTS, *_TROUBLES, KILLED)


# Below the ports that a system gives away by itself: a printer that was off gets its own again.
FIRST_PORT = 29_100


class Room:
    """Printers that print; `killed` is called when a fault ends the process that sends labels."""

    def __init__(self, names: list[str], share: float, seed: int, print_s: float) -> None:
        self.struck: Counter[str] = Counter()
        self.running: set[asyncio.Task[None]] = set()
        self.killed: Callable[[str], None] = lambda _printer: None
        self._share = share
        self._seed = seed
        self.printers = {
            name: Printer(
                name,
                print_s=print_s,
                cut=partial(self._cut, name),
                trouble=partial(self._trouble, name),
                off_s=0.5,
                mend_s=1.0,
                slow_s=3.0,
                silent=place % 2 == 0,
            )
            for place, name in enumerate(names)
        }

    async def open(self, stack: AsyncExitStack) -> dict[str, int]:
        """Switch the printers on until the stack closes; their ports."""
        ports: dict[str, int] = {}
        for name, printer in self.printers.items():
            ports[name] = await _start(printer, min([FIRST_PORT, *ports.values()]) - 1)
            running = asyncio.create_task(printer.run())
            self.running.add(running)
            stack.push_async_callback(printer.stop)
            stack.callback(running.cancel)
        return ports

    def check(self) -> None:
        """Nothing, while every printer runs. Raises: whatever ended one."""
        for running in self.running:
            if running.done():
                running.result()

    def tray(self) -> Counter[str]:
        """Give how often each SSCC lies in the trays."""
        printed = [label for printer in self.printers.values() for label in printer.printed]
        return Counter(label.sscc or "unreadable" for label in printed)

    def _fault(self, name: str, number: int) -> str:
        if fraction(self._seed, "struck", name, number) >= self._share:
            return ""
        kind: str = choose(KINDS, self._seed, "kind", name, number)
        return kind

    def _cut(self, name: str, number: int) -> Cut:
        fault = self._fault(name, number)
        if fault:
            self.struck[fault] += 1
        if fault == KILLED:
            self.killed(name)
        return _CUTS.get(fault, Cut.NONE)

    def _trouble(self, name: str, number: int) -> Trouble:
        return _TROUBLES.get(self._fault(name, number), Trouble.NONE)


async def _start(printer: Printer, port: int) -> int:
    while True:
        try:
            return await printer.start("127.0.0.1", port)
        except OSError:
            port -= 1

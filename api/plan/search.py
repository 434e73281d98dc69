"""A search on a terminal: how long it may go on, what is shown meanwhile, and how to end it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from routing.effort import Effort

# Shorter searches need no bar.
SHOWN_AFTER_S = 0.6
WARM_UP_STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience(Effort):
    """An effort that is at its end as soon as somebody says so."""

    told: Event = field(default_factory=Event)

    def left(self) -> Callable[[], float]:
        """The seconds left; none any more once told."""
        left = Effort.left(self)
        return lambda: -1.0 if self.told.is_set() else left()


@contextmanager
def searching(patience: Patience, what: str) -> Iterator[None]:
    """Shows a bar on a terminal; Ctrl-C ends the search with the best so far, twice ends all."""
    before = signal.signal(signal.SIGINT, _teller(patience))
    done = Event()
    bar = Thread(target=_show, args=(patience, what, done), daemon=True)
    bar.start()
    try:
        yield
    finally:
        done.set()
        bar.join()
        signal.signal(signal.SIGINT, before)
    if patience.told.is_set():
        sys.stderr.write("Stopped by Ctrl-C: this is the best so far.\n")


def warm_up(
    folder: Path, kind: str, patience: Patience, plan: Callable[[Patience], object]
) -> None:
    """Lets kernels of this kind of plan be compiled before the clock starts, once in a folder."""
    done = folder / f"{kind}.warm"
    if done.exists():
        return
    sys.stderr.write("Compiling the search, once on this machine …\n")
    plan(replace(patience, seconds=None, iterations=WARM_UP_STEPS))
    done.touch()


def _teller(patience: Patience) -> Callable[[int, FrameType | None], None]:
    def tell(_number: int, _frame: FrameType | None) -> None:
        if patience.told.is_set():
            raise KeyboardInterrupt
        patience.told.set()

    return tell


def _show(patience: Patience, what: str, done: Event) -> None:
    console = Console(stderr=True)
    if not console.is_terminal or done.wait(SHOWN_AFTER_S):
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    began = monotonic() - SHOWN_AFTER_S
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=patience.seconds)
        while not done.wait(0.2):
            gone = monotonic() - began
            progress.update(task, completed=min(gone, patience.seconds or gone))

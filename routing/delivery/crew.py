"""Several searches beside each other, each in a process of its own."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from multiprocessing import current_process, get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic
from typing import Any, Literal

import numpy as np

from routing.delivery.choice import engine_of
from routing.delivery.draft import Draft, Progress, Watch
from routing.delivery.problem import DeliveryProblem
from routing.delivery.travel import Travel
from routing.effort import Clock, Effort

# How often the clock is looked at while everybody searches.
LOOK_S = 0.1
# Whoever is told to end may take so long to hand over what he has.
GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Task:
    """Which engine searches, and for how long."""

    engine: str
    effort: Effort


@dataclass(frozen=True, slots=True)
class Crew:
    """What all processes are given: the problem without its tables, and where those lie."""

    parts: dict[str, Any]
    folder: Path
    since_s: tuple[int, ...]
    source: str
    warm: Draft | None
    told: Event
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bidden(Effort):
    """An effort that is at its end as soon as the first process says so."""

    told: Event
    until: float = field(default=float("inf"))

    def left(self) -> Any:
        """The seconds left; none any more once told."""
        left = Effort.left(self)
        told, until = self.told, self.until
        return lambda: -1.0 if told.is_set() else min(left(), until - monotonic())


def may_hire() -> bool:
    """Whether this process may have children, which a daemon may not."""
    return not current_process().daemon


def search_together(
    problem: DeliveryProblem,
    tasks: Sequence[Task],
    effort: Effort,
    warm: Draft | None,
    watch: Watch,
) -> list[Draft]:
    """What each task came to, in their order; nothing of those whose process died.

    effort: of all together; its clock ends them all, by the wall's time as well as when told.
    """
    left = effort.left()
    context = get_context("spawn")
    with TemporaryDirectory(prefix="routes-") as folder:
        crew = _crew(context, problem, Path(folder), warm, effort, left())
        hands = [_hire(context, crew, task) for task in tasks]
        try:
            return _gather(hands, crew, left, watch)
        finally:
            for process, line in hands:
                process.kill()
                process.join()
                line.close()


def _crew(
    context: SpawnContext,
    problem: DeliveryProblem,
    folder: Path,
    warm: Draft | None,
    effort: Effort,
    left_s: float,
) -> Crew:
    travel = problem.travel
    np.save(folder / "distance_m.npy", travel.distance_m)
    np.save(folder / "duration_s.npy", travel.duration_s)
    parts = {
        each.name: getattr(problem, each.name) for each in fields(problem) if each.name != "travel"
    }
    until = monotonic() + left_s if effort.clock is Clock.WALL else float("inf")
    return Crew(parts, folder, travel.since_s, travel.source, warm, context.Event(), until)


def _hire(context: SpawnContext, crew: Crew, task: Task) -> tuple[SpawnProcess, Connection]:
    line, its_end = context.Pipe(duplex=False)
    process = context.Process(target=_search, args=(its_end, crew, task), daemon=True)
    process.start()
    # Only the process itself holds its end open, so that its death is heard.
    its_end.close()
    return process, line


def _gather(
    hands: Sequence[tuple[SpawnProcess, Connection]], crew: Crew, left: Any, watch: Watch
) -> list[Draft]:
    open_lines = {line: k for k, (_, line) in enumerate(hands)}
    drafts: dict[int, Draft] = {}
    news: dict[int, Progress] = {}
    told_at = float("inf")
    while open_lines and monotonic() < told_at + GRACE_S:
        for line in wait(list(open_lines), LOOK_S):
            assert isinstance(line, Connection), "only pipes are waited for"
            k = open_lines[line]
            try:
                said: Progress | Draft = line.recv()
            except EOFError:
                del open_lines[line]
                continue
            if isinstance(said, Draft):
                drafts[k] = said
                del open_lines[line]
            else:
                news[k] = said
                watch(_together(list(news.values()), len(hands)))
        if told_at == float("inf") and left() <= 0:
            crew.told.set()
            told_at = monotonic()
    return [drafts[k] for k in sorted(drafts)]


def _together(news: Sequence[Progress], workers: int) -> Progress:
    best = min(news, key=lambda each: (each.unserved, each.cost))
    share = sum(each.share for each in news) / workers
    return Progress(share, best.cost, best.unserved, sum(each.iterations for each in news))


def _search(line: Connection, crew: Crew, task: Task) -> None:
    """The whole life of a process of the crew."""
    # A terminal's Ctrl-C reaches the whole group; the first process says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    travel = Travel(
        _table(crew.folder / "distance_m.npy"),
        _table(crew.folder / "duration_s.npy"),
        crew.since_s,
        crew.source,
    )
    problem = DeliveryProblem(**crew.parts, travel=travel)
    engine = engine_of(task.engine)
    effort = Bidden(
        seed=task.effort.seed,
        iterations=task.effort.iterations,
        seconds=_seconds(task.effort, crew.until),
        clock=task.effort.clock,
        told=crew.told,
        until=crew.until,
    )
    last = [float("-inf")]

    def tell(progress: Progress) -> None:
        if monotonic() >= last[0] + LOOK_S:
            last[0] = monotonic()
            line.send(progress)

    line.send(engine.solve(problem, effort, crew.warm, tell))


def _seconds(effort: Effort, until: float) -> float | None:
    if effort.seconds is None:
        return None
    return max(0.0, min(effort.seconds, until - monotonic()))


def _table(path: Path) -> Any:
    # Pages are shared between the processes; a plain array, writable in name only, keeps numba
    # from compiling everything once more for a read-only one.
    mode: Literal["c"] = "c"
    return np.asarray(np.load(path, mmap_mode=mode))


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "this runs in a process that another one started"
    parent.join()
    os._exit(1)

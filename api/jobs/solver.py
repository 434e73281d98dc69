"""Solves in a spawned process of the jobs role, so that no other process imports a solver."""

import asyncio
from collections.abc import Callable, Sequence
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, TypeVar

from api.jobs import solve
from api.settings import Settings, numba_cache
from routing.delivery.draft import Draft, Progress, Watch, unwatched
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.delivery.travel import Travel
from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from routing.road.point import Point
from routing.slot.plan import SlotPlan
from routing.slot.problem import SlotProblem
from wms.replenishment.forecasted import Forecasted, Question
from wms.shipping.limit import Thought

Result = TypeVar("Result")


class Solver:
    """One process that solves one problem at a time.

    It is started when it is first needed, and again when it has died. Whoever is cancelled while
    he waits for a plan ends it: a solve that nobody waits for must hold nothing up.
    """

    def __init__(self, settings: Settings, *, workers: int = 1) -> None:
        """`workers`: with more than one, the process may have children that search beside it."""
        self._settings = settings
        self._workers = workers
        self._turn = asyncio.Lock()
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    @property
    def pid(self) -> int | None:
        """The pid of the present process, or None where none runs."""
        return None if self._process is None else self._process.pid

    async def warm_up(self) -> None:
        """Starts the process and compiles what plans carts before the first wave waits for it.

        Raises:
            NoPlan: the process died over it.
        """
        await self._run(solve.warm_up)

    async def warm_up_walks(self) -> None:
        """Compiles what walks need.

        Raises:
            NoPlan: the process died over it.
        """
        await self._run(solve.warm_up_walks)

    async def warm_up_routes(self) -> None:
        """Compiles what plans delivery routes, which only houses with vans of their own need.

        Raises:
            NoPlan: the process died over it.
        """
        await self._run(solve.warm_up_routes)

    async def warm_up_choice(self) -> None:
        """Compiles what chooses a wave's orders, which few waves need.

        Raises:
            NoPlan: the process died over it.
        """
        await self._run(solve.warm_up_choice)

    async def solve_batches(self, problem: BatchProblem, effort: Effort) -> BatchPlan:
        """Plans carts and walks, audited; within the effort's seconds and a little more.

        Raises:
            NoPlan: no plan passed the audit, or the process died over it.
        """
        return await self._run(solve.batches, problem, effort)

    async def choose_wave(self, problem: WaveProblem, effort: Effort) -> WaveChoice:
        """Chooses which orders a wave takes, audited.

        Raises:
            NoPlan: no choice passed the audit, or the process died over it.
        """
        return await self._run(solve.wave, problem, effort)

    async def solve_routes(
        self,
        problem: DeliveryProblem,
        thought: Thought,
        warm: Draft | None = None,
        watch: Watch = unwatched,
    ) -> DeliveryPlan:
        """Plans delivery routes, audited; tells `watch` now and then how far it is.

        Raises:
            NoPlan: no plan passed the audit, or the process died over it.
        """
        return await self._run(solve.routes, problem, thought, warm, watch=watch)

    async def road_travel(self, extract: Path, points: Sequence[Point]) -> Travel:
        """What lies between points by the roads of an extract.

        Raises:
            NoPlan: the extract cannot be read, or the process died over it.
        """
        return await self._run(solve.road_travel, extract, self._road_cache, points)

    async def road_ways(
        self, extract: Path, rounds: Sequence[Sequence[Point]]
    ) -> tuple[tuple[Point, ...], ...]:
        """The lines along which vans drive that pass these points.

        Raises:
            NoPlan: the extract cannot be read, or the process died over it.
        """
        return await self._run(solve.road_ways, extract, self._road_cache, rounds)

    @property
    def _road_cache(self) -> Path:
        return self._settings.home / "roads"

    async def solve_slots(self, problem: SlotProblem) -> SlotPlan:
        """Plans which goods should change bins, audited.

        Raises:
            NoPlan: no plan passed the audit, or the process died over it.
        """
        return await self._run(solve.slots, problem)

    async def forecast(self, question: Question) -> Forecasted:
        """Forecasts every series of a history.

        Raises:
            NoPlan: it cannot be forecast, or the process died over it.
        """
        return await self._run(solve.demand, question, self._settings.forecast_cluster)

    async def _run(
        self, task: Callable[..., Result], *arguments: object, watch: Watch | None = None
    ) -> Result:
        async with self._turn:
            line = self._line or self._start()
            loop = asyncio.get_running_loop()

            def heard(progress: Progress) -> None:
                if watch is not None:
                    loop.call_soon_threadsafe(watch, progress)

            question = (task, arguments, watch is not None)
            try:
                answer: Result = await asyncio.to_thread(_ask, line, question, heard)
                return answer
            except asyncio.CancelledError:
                self.close()
                raise
            except (EOFError, OSError) as error:
                self.close()
                raise NoPlan("the solving process died; it is started anew") from error

    def _start(self) -> Connection:
        # The database and sockets of this process must not be shared, so none is forked.
        context = get_context("spawn")
        self._line, its_end = context.Pipe()
        self._process = context.Process(
            target=solve.serve,
            args=(its_end, self._settings),
            name="solver",
            daemon=self._workers == 1,
        )
        self._process.start()
        # Only the process itself holds its end open, so that its death is heard.
        its_end.close()
        return self._line

    def close(self) -> None:
        """Ends the process; what it was at is given up."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._line = None


def kernels_compiled(settings: Settings) -> bool:
    """Whether every kernel of this version was compiled on this machine before."""
    return _mark(settings).exists()


def note_compiled(settings: Settings) -> None:
    """Keeps in mind that every kernel is compiled; call it when that has come to its end."""
    _mark(settings).touch()


def _mark(settings: Settings) -> Path:
    # The folder is another one for other kernels, and numba compiles anew when it is another one.
    return numba_cache(settings) / f"compiled-by-{version('numba')}"


async def compile_kernels(solver: Solver, aside: Solver) -> None:
    """Compiles what plans waves in two processes beside each other: once on a machine.

    Raises:
        NoPlan: a process died over it.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(solver.warm_up())
        group.create_task(aside.warm_up_walks())


def _ask(line: Connection, question: tuple[object, ...], heard: Watch) -> Any:
    """Puts a question to the process, and waits past what it tells of its progress."""
    line.send(question)
    while isinstance(answer := line.recv(), Progress):
        heard(answer)
    if isinstance(answer, NoPlan):
        raise answer
    return answer

"""The solving process: started when needed, again when it died, and never waited for."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from api.jobs.solver import Solver, kernels_compiled, note_compiled
from api.settings import Settings, numba_cache
from routing.error import NoPlan
from routing.van.problem import DeliveryProblem, DeliveryStop, Van

PROBLEM = DeliveryProblem(
    0,
    0,
    (DeliveryStop("a", 100, 0, 1, 1, 60), DeliveryStop("b", 0, 100, 1, 1, 60)),
    (Van("van", 10, 10, 3_600),),
    speed_m_s=9.5,
)


@pytest.fixture
def solver(tmp_path: Path) -> Iterator[Solver]:
    solver = Solver(Settings(home=tmp_path))
    yield solver
    solver.close()


async def a_pid(solver: Solver) -> int:
    """The pid of the process, as soon as it is there."""
    async with asyncio.timeout(20):
        while solver.pid is None:
            await asyncio.sleep(0.005)
    return solver.pid


async def test_a_killed_process_gives_no_plan_and_is_started_anew(solver: Solver) -> None:
    lost = asyncio.create_task(solver.solve_routes(PROBLEM, 1))
    os.kill(await a_pid(solver), signal.SIGKILL)
    with pytest.raises(NoPlan, match="started anew"):
        await lost
    assert solver.pid is None
    plan = await solver.solve_routes(PROBLEM, 1)
    assert not plan.unserved
    idle = await a_pid(solver)
    assert await solver.solve_routes(PROBLEM, 1) == plan
    assert solver.pid == idle
    os.kill(idle, signal.SIGKILL)
    with pytest.raises(NoPlan):
        await solver.solve_routes(PROBLEM, 1)


async def test_who_is_cancelled_while_waiting_ends_the_process(solver: Solver) -> None:
    waiting = asyncio.create_task(solver.solve_routes(PROBLEM, 1))
    pid = await a_pid(solver)
    waiting.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not psutil.pid_exists(pid)


async def test_closing_waits_for_no_solve(solver: Solver) -> None:
    waiting = asyncio.create_task(solver.solve_routes(PROBLEM, 1))
    pid = await a_pid(solver)
    async with asyncio.timeout(5):
        solver.close()
        with pytest.raises(NoPlan):
            await waiting
    assert not psutil.pid_exists(pid)


def test_what_is_compiled_is_known_under_its_home_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    here, there = Settings(home=tmp_path / "here"), Settings(home=tmp_path / "there")
    numba_cache(here).mkdir(parents=True)
    assert not kernels_compiled(here)
    note_compiled(here)
    assert kernels_compiled(here)
    assert not kernels_compiled(there)

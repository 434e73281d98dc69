"""The solving process: started when needed, again when it died, and never waited for."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from api.jobs.solver import Solver, kernels_compiled, note_compiled
from api.settings import Settings, numba_cache
from routing.delivery.draft import Progress
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Depot, Vehicle
from routing.effort import Effort
from routing.error import NoPlan
from tests.patience import PATIENCE_S
from wms.shipping.limit import LIGHT, Thought

TABLE = np.array([[0, 100, 150], [100, 0, 120], [150, 120, 0]], np.int64)
PROBLEM = DeliveryProblem(
    depots=(Depot("home", 0),),
    vehicles=(Vehicle(id="van", start="home", end="home", capacity=(10,)),),
    stops=(Stop(id="a", place=1, load=(1,)), Stop(id="b", place=2, load=(1,))),
    travel=Travel(TABLE, TABLE[np.newaxis]),
)
THOUGHT = Thought(LIGHT, Effort(iterations=20), 1)
# Ends for this test only when something ends it.
FOR_AN_HOUR = Thought(LIGHT, Effort(seconds=3_600), 1)
ENGINE_FIRST = """
import sys
from api.jobs import solve
from routing.delivery import planner
from routing.delivery.draft import unwatched
from routing.effort import Effort
from wms.shipping.limit import Thought

def plan_deliveries(*arguments, **named):
    print(*(name in sys.modules for name in names))
    return plan(*arguments, **named)

names = "routing.delivery.engine.pyvrp", "pyvrp"
plan, planner.plan_deliveries = planner.plan_deliveries, plan_deliveries
print(*(name in sys.modules for name in names))
print(solve.routes(solve._few_stops(), Thought("pyvrp", Effort(iterations=5), 1), None, unwatched)
      .engine)
"""


@pytest.fixture
def solver(tmp_path: Path) -> Iterator[Solver]:
    solver = Solver(Settings(home=tmp_path))
    yield solver
    solver.close()


async def a_pid(solver: Solver) -> int:
    """The pid of the process, as soon as it is there."""
    async with asyncio.timeout(PATIENCE_S):
        while solver.pid is None:
            await asyncio.sleep(0.005)
    return solver.pid


async def test_a_killed_process_gives_no_plan_and_is_started_anew(solver: Solver) -> None:
    lost = asyncio.create_task(solver.solve_routes(PROBLEM, FOR_AN_HOUR))
    os.kill(await a_pid(solver), signal.SIGKILL)
    with pytest.raises(NoPlan, match="started anew"):
        await lost
    assert solver.pid is None
    plan = await solver.solve_routes(PROBLEM, THOUGHT)
    assert not plan.unserved
    idle = await a_pid(solver)
    assert await solver.solve_routes(PROBLEM, THOUGHT) == plan
    assert solver.pid == idle
    os.kill(idle, signal.SIGKILL)
    with pytest.raises(NoPlan):
        await solver.solve_routes(PROBLEM, THOUGHT)


async def test_who_is_cancelled_while_waiting_ends_the_process(solver: Solver) -> None:
    waiting = asyncio.create_task(solver.solve_routes(PROBLEM, FOR_AN_HOUR))
    pid = await a_pid(solver)
    waiting.cancel()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not psutil.pid_exists(pid)


async def test_closing_waits_for_no_solve(solver: Solver) -> None:
    waiting = asyncio.create_task(solver.solve_routes(PROBLEM, FOR_AN_HOUR))
    pid = await a_pid(solver)
    async with asyncio.timeout(PATIENCE_S):
        solver.close()
        with pytest.raises(NoPlan):
            await waiting
    assert not psutil.pid_exists(pid)


async def test_whoever_looks_on_is_told_how_far_the_search_is(solver: Solver) -> None:
    told: list[Progress] = []
    plan = await solver.solve_routes(PROBLEM, THOUGHT, None, told.append)
    assert told
    assert all(0 <= progress.share <= 1 for progress in told)
    assert min(progress.cost for progress in told) >= plan.cost


def test_a_fresh_process_loads_its_engine_before_its_clock_runs() -> None:
    # The clock of an effort starts where the plan is begun.
    done = subprocess.run(
        [sys.executable, "-c", ENGINE_FIRST],
        capture_output=True,
        text=True,
        check=True,
        timeout=5 * PATIENCE_S,
    )
    assert done.stdout.split("\n")[:3] == ["False False", "True True", "pyvrp"]


async def test_a_process_that_may_have_helpers_has_them(tmp_path: Path) -> None:
    solver = Solver(Settings(home=tmp_path), workers=2)
    try:
        thought = Thought(LIGHT, Effort(iterations=20), 2)
        plan = await solver.solve_routes(PROBLEM, thought)
        assert not plan.unserved
        pid = await a_pid(solver)
    finally:
        solver.close()
    assert not psutil.pid_exists(pid)


async def test_what_cannot_be_read_is_no_way_to_plan(solver: Solver, tmp_path: Path) -> None:
    with pytest.raises(NoPlan, match="cannot be read"):
        await solver.road_travel(tmp_path / "none.osm.pbf", [(43.73, 7.42)])
    plan = await solver.solve_routes(PROBLEM, THOUGHT)
    assert not plan.unserved


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

"""Solves in a spawned process of the jobs role, so that no other process imports a solver."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from api.jobs import solve
from api.settings import Settings
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.error import NoPlan
from routing.pick.plan import BatchPlan
from routing.pick.problem import BatchProblem

Result = TypeVar("Result")


class Solver:
    """One process that solves: started when it is first needed, and again when it has died."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ProcessPoolExecutor | None = None

    async def warm_up(self) -> None:
        """Starts the process and compiles its kernels before the first wave waits for them."""
        await self._run(solve.warm_up)

    async def solve_batches(self, problem: BatchProblem, seed: int) -> BatchPlan:
        """Plans carts and walks, audited.

        Raises:
            NoPlan: no plan passed the audit, or the process died over it.
        """
        return await self._run(solve.batches, problem, seed)

    async def solve_routes(self, problem: DeliveryProblem, seed: int) -> DeliveryPlan:
        """Plans van routes, audited.

        Raises:
            NoPlan: no plan passed the audit, or the process died over it.
        """
        return await self._run(solve.routes, problem, seed)

    async def _run(self, task: Callable[..., Result], *arguments: object) -> Result:
        if self._pool is None:
            # The database and sockets of this process must not be shared, so none is forked.
            self._pool = ProcessPoolExecutor(
                1, get_context("spawn"), solve.prepare, (self._settings,)
            )
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, task, *arguments)
        except BrokenProcessPool as error:
            self.close()
            raise NoPlan("the solving process died; it is started anew") from error

    def close(self) -> None:
        """Ends the process; what it was at is given up."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

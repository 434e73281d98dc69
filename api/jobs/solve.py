"""What runs inside the solving process: the only place of the service that loads the solvers."""

import os
import signal
import threading
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from api.settings import Settings, keep_numba_cache
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.error import NoPlan
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout, Stop
from routing.slot.plan import SlotPlan
from routing.slot.problem import SlotProblem

BATCH_ITERATIONS = 20_000
ROUTE_SOLUTIONS = 200
ROUTE_TIME_S_MAX = 30


def serve(line: Connection, settings: Settings) -> None:
    """Solves what comes in on the line until its other end is closed; the process's whole life.

    A problem without a plan is an answer. Any other error ends the process and tells by that.
    """
    # A terminal's Ctrl-C reaches the whole group; the jobs role ends this process itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keep_numba_cache(settings)
    while True:
        try:
            task, arguments = line.recv()
        except EOFError:
            return
        try:
            answer = task(*arguments)
        except NoPlan as error:
            answer = error
        line.send(answer)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "this runs in a process that the jobs role started"
    parent.join()
    # In the middle of a solve, which nobody waits for any more.
    os._exit(1)


def batches(problem: BatchProblem, seed: int) -> BatchPlan:
    """A batch plan, by iterations, so that a seed repeats."""
    plan: BatchPlan = import_module("routing.pick.batch.planner").plan_batches(
        problem, BATCH_ITERATIONS, seed
    )
    return plan


def routes(problem: DeliveryProblem, seed: int) -> DeliveryPlan:
    """A delivery plan; it ends by solutions long before its time limit."""
    plan: DeliveryPlan = import_module("routing.delivery.planner").plan_deliveries(
        problem, seed, ROUTE_TIME_S_MAX, ROUTE_SOLUTIONS
    )
    return plan


def slots(problem: SlotProblem) -> SlotPlan:
    """A re-slotting plan; equal problems give equal plans."""
    plan: SlotPlan = import_module("routing.slot.planner").plan_slots(problem)
    return plan


def warm_up() -> None:
    """Compiles the kernels on a problem of two totes."""
    loads = tuple(Load(str(n), (Stop(n, 1_000), Stop(1, 2_000)), 1, 1) for n in range(2))
    batches(BatchProblem(Layout(2, 10_000, 3_000), loads, Cart(mass_g_max=1_000)), 1)

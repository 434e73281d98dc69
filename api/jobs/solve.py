"""What runs inside the solving process: the only place of the service that loads the solvers."""

import os
import signal
import threading
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from api.settings import Settings, keep_numba_cache
from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout, Stop
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from routing.slot.plan import SlotPlan
from routing.slot.problem import SlotProblem
from routing.van.plan import DeliveryPlan
from routing.van.problem import DeliveryProblem

WARM_UP_ITERATIONS = 100
WARM_UP_LOADS = 20
LOW_PRIORITY = 10
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


def batches(problem: BatchProblem, effort: Effort) -> BatchPlan:
    """A batch plan, the best that the effort found."""
    plan: BatchPlan = import_module("routing.pick.batch.planner").plan_batches(problem, effort)
    return plan


def wave(problem: WaveProblem, effort: Effort) -> WaveChoice:
    """Which orders a wave takes, the best choice that the effort found."""
    choice: WaveChoice = import_module("routing.pick.wave.planner").choose_wave(problem, effort)
    return choice


def routes(problem: DeliveryProblem, seed: int) -> DeliveryPlan:
    """A delivery plan; it ends by solutions long before its time limit."""
    plan: DeliveryPlan = import_module("routing.van.planner").plan_deliveries(
        problem, seed, ROUTE_TIME_S_MAX, ROUTE_SOLUTIONS
    )
    return plan


def slots(problem: SlotProblem) -> SlotPlan:
    """A re-slotting plan; equal problems give equal plans."""
    plan: SlotPlan = import_module("routing.slot.planner").plan_slots(problem)
    return plan


def warm_up() -> None:
    """Compiles the kernels of carts and walks on a few totes: so many that nothing is listed."""
    loads = tuple(
        Load(str(n), (Stop(n % 2, 1_000 + n), Stop(1, 2_000)), 1, 1) for n in range(WARM_UP_LOADS)
    )
    problem = BatchProblem(Layout(2, 10_000, 3_000), loads, Cart(slots=4, mass_g_max=1_000))
    batches(problem, Effort(iterations=WARM_UP_ITERATIONS))


def warm_up_walks() -> None:
    """Compiles the kernels of single walks, on one in two blocks."""
    solve_tour = import_module("routing.pick.tour.solve").solve_tour
    solve_tour(Layout(3, 9_000, 3_000, 0, (5_000,)), (Stop(1, 2_000), Stop(2, 7_000)))


def warm_up_choice() -> None:
    """Compiles the kernels that choose a wave's orders, on a few orders, when nothing else runs."""
    os.nice(LOW_PRIORITY)
    orders = tuple(((n % 3, 1),) for n in range(6))
    problem = WaveProblem(orders, (((0, 2), (1, 2)), ((2, 2),)), 1, 4)
    wave(problem, Effort(iterations=WARM_UP_ITERATIONS))

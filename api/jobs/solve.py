"""What runs inside the solving process: the only place of the service that loads the solvers."""

import os
import signal
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache
from importlib import import_module
from itertools import pairwise
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from api.jobs.line import thinned
from api.settings import Settings, keep_numba_cache
from routing.delivery.draft import Draft, Progress, Watch, unwatched
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop as DeliveryStop
from routing.delivery.travel import FAR, Travel
from routing.delivery.vehicle import Depot, Vehicle
from routing.effort import Effort
from routing.error import NoPlan
from routing.pick.batch.plan import BatchPlan
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Layout, Stop
from routing.pick.wave.plan import WaveChoice
from routing.pick.wave.problem import WaveProblem
from routing.road.point import Point
from routing.slot.plan import SlotPlan
from routing.slot.problem import SlotProblem
from wms.replenishment.forecasted import LEVELS, Forecasted, Question, forecasted_from
from wms.shipping.limit import Thought

WARM_UP_ITERATIONS = 100
WARM_UP_LOADS = 20
LOW_PRIORITY = 10
LONG_S = 86_400
TOLD_EVERY_S = 0.2
# Night, the morning's traffic, the day, the evening's traffic, and after it.
SLICES_S = (0, 23_400, 34_200, 55_800, 66_600)


def serve(line: Connection, settings: Settings) -> None:
    """Solves what comes in on the line until its other end is closed; the process's whole life.

    A task that is watched tells how far it is on the line before its answer. A problem without a
    plan is an answer. Any other error ends the process and tells by that.
    """
    # A terminal's Ctrl-C reaches the whole group; the jobs role ends this process itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    keep_numba_cache(settings)
    while True:
        try:
            task, arguments, watched = line.recv()
        except EOFError:
            return
        try:
            answer = task(*arguments, _telling(line)) if watched else task(*arguments)
        except NoPlan as error:
            answer = error
        line.send(answer)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "this runs in a process that the jobs role started"
    parent.join()
    # In the middle of a solve, which nobody waits for any more.
    os._exit(1)


def _telling(line: Connection) -> Watch:
    """Tells who waits at the line how far a search is, not more often than anybody looks."""
    last_s = -TOLD_EVERY_S

    def tell(progress: Progress) -> None:
        nonlocal last_s
        now_s = monotonic()
        if now_s - last_s >= TOLD_EVERY_S:
            last_s = now_s
            line.send(progress)

    return tell


def batches(problem: BatchProblem, effort: Effort) -> BatchPlan:
    """A batch plan, the best that the effort found."""
    plan: BatchPlan = import_module("routing.pick.batch.planner").plan_batches(problem, effort)
    return plan


def wave(problem: WaveProblem, effort: Effort) -> WaveChoice:
    """Which orders a wave takes, the best choice that the effort found."""
    choice: WaveChoice = import_module("routing.pick.wave.planner").choose_wave(problem, effort)
    return choice


def routes(
    problem: DeliveryProblem, thought: Thought, warm: Draft | None, watch: Watch
) -> DeliveryPlan:
    """A delivery plan, the best that was found, going on from `warm` where there is one."""
    choice = import_module("routing.delivery.choice").choose_engine(
        problem, thought.workers, thought.engine
    )
    for engine in (choice.engine, choice.second):
        _load(engine)
    plan: DeliveryPlan = import_module("routing.delivery.planner").plan_deliveries(
        problem,
        thought.effort,
        engine=thought.engine,
        workers=thought.workers,
        warm=warm,
        watch=watch,
    )
    return plan


def road_travel(extract: Path, cache: Path, points: Sequence[Point]) -> Travel:
    """What lies between points by the roads of an extract, by time of day.

    A point that is too far from every road has no way to it or from it.

    Raises: NoPlan where the extract cannot be read.
    """
    network = _network(extract, cache)
    apart = set(network.snap(points).apart)
    near = [at for at in range(len(points)) if at not in apart]
    found: Travel = network.travel([points[at] for at in near], SLICES_S)
    return found if not apart else _spread(found, near, len(points))


def road_ways(
    extract: Path, cache: Path, rounds: Sequence[Sequence[Point]]
) -> tuple[tuple[Point, ...], ...]:
    """The lines along which vans drive that pass these points, thinned for a map.

    Raises: NoPlan where the extract cannot be read.
    """
    network = _network(extract, cache)
    return tuple(
        thinned([point for leg in pairwise(passed) for point in network.way(*leg)])
        for passed in rounds
    )


@cache
def _network(extract: Path, folder: Path) -> Any:
    """The roads, kept as long as the process lives: opening them takes seconds."""
    road, profile = import_module("routing.road.network"), import_module("routing.road.profile")
    try:
        return road.RoadNetwork.open(extract, profile.VAN, folder)
    except (OSError, ValueError) as error:
        raise NoPlan(f"the extract of roads cannot be read: {error}") from error


def _spread(travel: Travel, near: list[int], places: int) -> Travel:
    """The same tables with the places in between, which have no way to them."""
    rows = np.array(near, np.int64)
    distance_m = np.full((places, places), FAR, np.int64)
    np.fill_diagonal(distance_m, 0)
    duration_s = np.repeat(distance_m[np.newaxis], len(travel.since_s), axis=0)
    distance_m[np.ix_(rows, rows)] = travel.distance_m
    for slot, table in enumerate(travel.duration_s):
        duration_s[slot][np.ix_(rows, rows)] = table
    return Travel(distance_m, duration_s, travel.since_s, travel.source)


def slots(problem: SlotProblem) -> SlotPlan:
    """A re-slotting plan; equal problems give equal plans."""
    plan: SlotPlan = import_module("routing.slot.planner").plan_slots(problem)
    return plan


def demand(question: Question, cluster: str | None = None) -> Forecasted:
    """A forecast of every series of a history; equal questions give equal answers.

    cluster: the address of a Dask scheduler that works on it; here without one.

    Raises: NoPlan where the history is of no use, or nobody answers at the address.
    """
    room, asked = import_module("forecasting.forecast"), import_module("forecasting.request")
    history, ahead = question.history, question.ahead
    request = asked.Request(
        max(ahead, question.protection), question.protection, LEVELS, target=question.target
    )
    try:
        with _workers(cluster) as executor:
            found = room.forecast(history, request, executor)
    except (ValueError, OSError, ModuleNotFoundError) as error:
        raise NoPlan(f"the demand cannot be forecast: {error}") from error
    explained = ("",) * len(history.series)
    if history.drivers:
        explain = import_module("forecasting.explain").explain
        explained = explain(history, request, found.mean, found.model)
    return forecasted_from(found, ahead, explained)


def _workers(cluster: str | None) -> Any:
    """Who works on a forecast, as a context manager.

    Raises: NoPlan where the cluster is not there.
    """
    executors = import_module("forecasting.executor")
    if cluster is None:
        return nullcontext(executors.Serial())
    try:
        return executors.Dask(cluster)
    except (ValueError, OSError, ModuleNotFoundError) as error:
        raise NoPlan(
            f"no Dask cluster works at STOWLINE_FORECAST_CLUSTER, {cluster}: {error}"
        ) from error


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


def warm_up_routes() -> None:
    """Compiles the kernels that plan delivery routes, on a few stops, when nothing else runs."""
    os.nice(LOW_PRIORITY)
    effort = Effort(iterations=WARM_UP_ITERATIONS)
    import_module("routing.delivery.planner").plan_deliveries(_few_stops(), effort)


@cache
def _load(engine: str) -> None:
    """Loads an engine's library and kernels, once in this process, before a clock runs."""
    choice = import_module("routing.delivery.choice")
    if engine in choice.MODULES:
        choice.engine_of(engine).solve(_few_stops(), Effort(iterations=1), None, unwatched)


def _few_stops() -> DeliveryProblem:
    table = np.array([[abs(a - b) * 1_000 for b in range(6)] for a in range(6)], np.int64)
    return DeliveryProblem(
        depots=(Depot("home", 0),),
        vehicles=tuple(
            Vehicle(id=name, start="home", end="home", capacity=(9, 9), closes_s=LONG_S)
            for name in ("one", "other")
        ),
        stops=tuple(
            DeliveryStop(id=str(at), place=at, load=(1, 1), service_s=60) for at in range(1, 6)
        ),
        travel=Travel(table, table[np.newaxis]),
    )


def warm_up_choice() -> None:
    """Compiles the kernels that choose a wave's orders, on a few orders, when nothing else runs."""
    os.nice(LOW_PRIORITY)
    orders = tuple(((n % 3, 1),) for n in range(6))
    problem = WaveProblem(orders, (((0, 2), (1, 2)), ((2, 2),)), 1, 4)
    wave(problem, Effort(iterations=WARM_UP_ITERATIONS))

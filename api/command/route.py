"""`stowline plan route`: vehicles on routes from a file, without a database."""

import os
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from time import monotonic, process_time
from typing import TYPE_CHECKING, Annotated

import typer

from api.command.plan import AsJson, Iterations, Seconds, Seed, say
from api.command.session import settings_of
from api.settings import keep_numba_cache

if TYPE_CHECKING:
    from api.plan.route_answer import RouteOutput
    from api.plan.route_read import RoutesRead
    from api.plan.search import Patience
    from routing.delivery.plan import DeliveryPlan
    from routing.delivery.problem import DeliveryProblem

SECONDS = 10.0
# So many stops have every kernel compiled that a plan of this kind needs.
WARM_UP_STOPS = 12
WARM_UP_STEPS = 20
# More stops without hope than these need no sentence of their own.
HOPELESS_TOLD = 8


class Engine(StrEnum):
    """Who plans."""

    AUTO = "auto"
    SISR = "sisr"
    ORTOOLS = "ortools"
    PYVRP = "pyvrp"


class Aim(StrEnum):
    """What counts among plans that serve the same stops."""

    COST = "cost"
    VEHICLES = "vehicles"


class Length(StrEnum):
    """How straight lines of a text file become numbers."""

    NEAREST = "nearest"
    DIMACS = "dimacs"
    EXACT = "exact"


def plan_route_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="VRPLIB, Solomon, Li & Lim, or our own JSON.")
    ],
    seconds: Seconds = None,
    cpu_seconds: Annotated[
        float | None,
        typer.Option(min=0, max=86_400, help="The search ends after so much processor time."),
    ] = None,
    iterations: Iterations = None,
    seed: Seed = 1,
    engine: Annotated[Engine, typer.Option(help="Who plans; auto says why.")] = Engine.AUTO,
    objective: Annotated[
        Aim | None,
        typer.Option(help="Fewest vehicles first, or cost; else as the file says."),
    ] = None,
    rounding: Annotated[
        Length | None,
        typer.Option(help="Of distances in a text file; else as its format is published."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="Processes; else one a core with --seconds, and one otherwise."
        ),
    ] = None,
    roads: Annotated[
        Path | None,
        typer.Option(metavar="FILE.osm.pbf", help="Roads for the coordinates of a JSON file."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.sol", help="Writes the routes as a solution file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put stops on vehicles' routes: as cheap as can be found, audited, with times and reasons.

    Ctrl-C ends a search with the best so far.
    """
    from api.plan.file import refuse_unwritable, route_file
    from api.plan.refusal import PlanRefused
    from api.plan.route_read import RoutesRead
    from api.plan.route_table import route_table
    from routing.delivery.reader.instance import Rounding
    from routing.delivery.refusal import hopeless

    refuse_unwritable(out)
    patience = _patience(seconds, cpu_seconds, iterations, seed)
    settings = settings_of("plan", quiet=True)
    fineness = Rounding(rounding.value) if rounding else None
    aim = objective.value if objective else None
    read = RoutesRead(route_file(file, fineness), aim, roads, settings)
    if said := hopeless(read.problem):
        raise PlanRefused(f"{file}: {'; '.join(said[:HOPELESS_TOLD])}")
    if workers is None:
        alone = cpu_seconds is not None or iterations is not None
        workers = 1 if alone else os.cpu_count() or 1
    keep_numba_cache(settings)
    answer, plan = _search(read, patience, engine, workers)
    if out is not None:
        out.write_text(read.solution_text(plan), "utf-8")
    say(answer, as_json, lambda: route_table(answer, by_clock=read.by_clock))


def _patience(
    seconds: float | None, cpu_seconds: float | None, iterations: int | None, seed: int
) -> "Patience":
    from api.plan.refusal import PlanRefused
    from api.plan.search import Patience
    from routing.effort import Clock

    if seconds is not None and cpu_seconds is not None:
        raise PlanRefused("--seconds and --cpu-seconds: one of them ends the search, not both")
    if seconds is None and cpu_seconds is None and iterations is None:
        seconds = SECONDS
    return Patience(
        seed=seed,
        iterations=iterations,
        seconds=cpu_seconds if seconds is None else seconds,
        clock=Clock.WALL if cpu_seconds is None else Clock.CPU,
    )


def _search(
    read: "RoutesRead", patience: "Patience", engine: Engine, workers: int
) -> tuple["RouteOutput", "DeliveryPlan"]:
    from api.plan.route_answer import route_answer
    from api.plan.search import searching
    from routing.delivery.audit import audit_deliveries

    with searching(patience, "planning routes"):
        compiling = _compile(read.problem, patience, engine)
        began = monotonic(), _processor_s()
        plan = _plan(read.problem, patience, engine, workers)
        wall_s, cpu_s = monotonic() - began[0], _processor_s() - began[1]
    answer = route_answer(
        plan,
        read.names(plan),
        faults=audit_deliveries(read.problem, plan),
        cpu_seconds=cpu_s,
        wall_seconds=wall_s,
        compile_seconds=compiling,
    )
    return answer, plan


def _plan(
    problem: "DeliveryProblem", patience: "Patience", engine: Engine, workers: int
) -> "DeliveryPlan":
    from routing.delivery.planner import plan_deliveries

    return plan_deliveries(problem, patience, engine=engine.value, workers=workers)


def _compile(problem: "DeliveryProblem", patience: "Patience", engine: Engine) -> float:
    """Has a few of the problem's stops planned, so that no search waits for a compiler."""
    began = process_time()
    kept = {stop_id for begun in problem.begun for stop_id in begun.stops}
    kept |= {stop.id for stop in problem.stops[:WARM_UP_STOPS]}
    for pair in problem.pairs:
        if kept & {pair.pickup, pair.delivery}:
            kept |= {pair.pickup, pair.delivery}
    few = replace(
        problem,
        stops=tuple(stop for stop in problem.stops if stop.id in kept),
        pairs=tuple(pair for pair in problem.pairs if pair.pickup in kept),
    )
    if len(few.stops) < len(problem.stops):
        short = replace(patience, seconds=None, iterations=WARM_UP_STEPS)
        _plan(few, short, engine, workers=1)
    return process_time() - began


def _processor_s() -> float:
    """Processor time of this process and of those that it has seen end."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system

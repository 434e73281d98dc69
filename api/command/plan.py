"""`stowline plan …`: walks, carts and waves from a file, without a database."""

import json
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.command.session import settings_of
from api.settings import keep_numba_cache

if TYPE_CHECKING:
    from pydantic import BaseModel

    from api.plan.search import Patience
    from routing.pick.tour.plan import TourPlan

plan_app = typer.Typer(no_args_is_help=True, help="Plan picks from a file; no database needed.")
# Enough to go through all of the search, and few enough to go through it fast.
WARM_UP_LOADS = 16
SECONDS = {"tour": 1.0, "batch": 10.0, "wave": 10.0}


class Rule(StrEnum):
    """The rules that a tour may be walked by."""

    S_SHAPE = "s_shape"
    RETURN = "return"
    LARGEST_GAP = "largest_gap"
    MIDPOINT = "midpoint"
    COMBINED = "combined"
    AISLE_BY_AISLE = "aisle_by_aisle"
    NEAREST = "nearest"


File = Annotated[Path, typer.Argument(metavar="FILE", help="JSON, or a text format we read.")]
Seconds = Annotated[
    float | None, typer.Option(min=0, max=86_400, help="The search ends after so long.")
]
Iterations = Annotated[
    int | None,
    typer.Option(min=0, help="The search ends after so many steps: the same plan on any machine."),
]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Repeats a search.")]
Svg = Annotated[Path | None, typer.Option(metavar="FILE", help="Draws the walks on the floor.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@plan_app.command("tour")
def plan_tour_command(
    file: File,
    rule: Annotated[Rule | None, typer.Option(help="Walk by a rule, not the best way.")] = None,
    precedence: Annotated[
        bool, typer.Option("--precedence", help="Stops of a lower rank come first.")
    ] = False,
    seconds: Seconds = None,
    iterations: Iterations = None,
    seed: Seed = 1,
    svg: Svg = None,
    as_json: AsJson = False,
) -> None:
    """Plan one picker's walk past all stops: as short as can be, or how near to that it is.

    Ctrl-C ends a search with the best so far.
    """
    from api.plan.file import refuse_unwritable, tour_file
    from api.plan.search import searching, warm_up
    from api.plan.table import tour_table
    from api.plan.tour import TourInput, tour_answer
    from routing.pick.floor.pace import Pace

    refuse_unwritable(svg)
    read = tour_file(file)
    stops = read.places() if isinstance(read, TourInput) else read.stops
    pace = read.pace.pace() if isinstance(read, TourInput) else Pace()
    ranked = precedence or (isinstance(read, TourInput) and read.precedence)
    floor = read.floor
    refuse_unpictured(svg, floor)
    patience = patience_of("tour", seconds, iterations, seed)
    with searching(patience, "walking"):
        folder = keep_numba_cache(settings_of("plan", quiet=True))
        from routing.pick.tour.solve import plan_tour

        def walk(effort: "Patience") -> "TourPlan":
            named = rule.value if rule else None
            return plan_tour(floor, stops, rule=named, precedence=ranked, pace=pace, effort=effort)

        kind = type(floor).__name__.lower()
        warm_up(folder, f"tour-{kind}-{ranked}", patience, walk)
        plan = walk(patience)
    answer = tour_answer(plan)
    if svg is not None:
        from routing.pick.picture import draw_tours

        svg.write_text(draw_tours(floor, [stops], [plan.tour], names=["Walk"]), "utf-8")
    say(answer, as_json, lambda: tour_table(answer, stops))


@plan_app.command("batch")
def plan_batch_command(
    file: File,
    seconds: Seconds = None,
    iterations: Iterations = None,
    seed: Seed = 1,
    svg: Svg = None,
    as_json: AsJson = False,
) -> None:
    """Put loads on carts so that their walks are short, and say who walks them when.

    Ctrl-C ends a search with the best so far.
    """
    from api.plan.batch import BatchInput
    from api.plan.batch_answer import batch_answer, stops_on, zone_answer
    from api.plan.file import batch_file, refuse_unwritable
    from api.plan.search import searching, warm_up
    from api.plan.table import batch_table

    refuse_unwritable(svg)
    read = batch_file(file)
    problem = read.problem() if isinstance(read, BatchInput) else read
    refuse_unpictured(svg, problem.floor)
    patience = patience_of("batch", seconds, iterations, seed)
    with searching(patience, "filling carts"):
        folder = keep_numba_cache(settings_of("plan", quiet=True))
        from routing.pick.batch.planner import plan_batches

        few = replace(problem, loads=problem.loads[:WARM_UP_LOADS])
        kind = type(problem.floor).__name__.lower()
        warm_up(folder, f"batch-{kind}", patience, lambda effort: plan_batches(few, effort))
        if isinstance(read, BatchInput) and read.zones:
            from routing.pick.batch.zone import plan_zones

            zones = plan_zones(problem, read.areas(), patience, hand_over=read.hand_over)
            answer = zone_answer(zones)
            drawn = [(share.problem, share.plan) for share in zones.shares]
        else:
            plan = plan_batches(problem, patience)
            answer = batch_answer(problem, plan)
            drawn = [(problem, plan)]
    if svg is not None:
        from routing.pick.picture import draw_tours

        stops = [own for part, made in drawn for own in stops_on(part, made)]
        tours = [batch.tour for _, made in drawn for batch in made.batches]
        names = [f"Cart {at}" for at in range(len(tours))]
        notes = [", ".join(row.loads) for row in answer.batches]
        picture = draw_tours(problem.floor, stops, tours, names=names, notes=notes)
        svg.write_text(picture, "utf-8")
    say(answer, as_json, lambda: batch_table(answer))


@plan_app.command("wave")
def plan_wave_command(
    file: File,
    seconds: Seconds = None,
    iterations: Iterations = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Writes the choice as the challenge's checker reads it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Choose the orders to release now, so that each visited aisle gives most units.

    Ctrl-C ends a search with the best so far.
    """
    from api.plan.file import refuse_unwritable, wave_file
    from api.plan.search import searching, warm_up
    from api.plan.table import wave_table
    from api.plan.wave import WaveInput, small_wave, wave_answer

    refuse_unwritable(out)
    read = wave_file(file)
    problem = read.problem() if isinstance(read, WaveInput) else read
    patience = patience_of("wave", seconds, iterations, seed)
    with searching(patience, "choosing orders"):
        folder = keep_numba_cache(settings_of("plan", quiet=True))
        from routing.error import NoPlan
        from routing.pick.wave.baseline import first_come
        from routing.pick.wave.planner import choose_wave

        few = small_wave()
        warm_up(folder, "wave", patience, lambda effort: choose_wave(few, effort))
        choice = choose_wave(problem, patience)
        try:
            baseline = first_come(problem)
        except NoPlan:
            baseline = None
    if isinstance(read, WaveInput):
        answer = wave_answer(choice, baseline, read.order_ids, read.aisle_ids)
    else:
        numbers = tuple(range(len(problem.orders))), tuple(range(len(problem.aisles)))
        answer = wave_answer(choice, baseline, *numbers)
    if out is not None:
        from routing.pick.wave.reader import write_choice

        out.write_text(write_choice(choice), "utf-8")
    say(answer, as_json, lambda: wave_table(answer))


def patience_of(
    command: str, seconds: float | None, iterations: int | None, seed: int
) -> "Patience":
    """How long to search: as long as is said, else a time that suits the command."""
    from api.plan.search import Patience

    if seconds is None and iterations is None:
        seconds = SECONDS[command]
    return Patience(seed=seed, iterations=iterations, seconds=seconds)


def refuse_unpictured(svg: Path | None, floor: object) -> None:
    """A picture of walkways needs their points; said before the search, not after it.

    Raises: PlanRefused
    """
    from api.plan.refusal import PlanRefused
    from routing.pick.floor.walkway import Walkways

    if svg is not None and isinstance(floor, Walkways) and not floor.points:
        raise PlanRefused("--svg: the walkways have no points, so nobody knows where to draw them")


def say(answer: "BaseModel", as_json: bool, table: Callable[[], str]) -> None:
    """Prints an answer: one JSON object, or what people read."""
    typer.echo(json.dumps(answer.model_dump(mode="json")) if as_json else table())

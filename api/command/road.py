"""`stowline roads`: what an extract of OpenStreetMap is made of, and how fast it answers."""

import json
from enum import StrEnum
from pathlib import Path
from time import monotonic, process_time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.command.plan import AsJson
from api.command.session import settings_of
from api.plan.refusal import PlanRefused

if TYPE_CHECKING:
    from routing.road.network import RoadNetwork


class Vehicle(StrEnum):
    """What drives on the roads."""

    CAR = "car"
    VAN = "van"


def roads_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.osm.pbf", help="What osmium can read.")],
    profile: Annotated[Vehicle, typer.Option(help="What drives.")] = Vehicle.VAN,
    points: Annotated[
        int, typer.Option(min=2, max=5000, help="Places by chance for a table.")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Repeats the places.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Build the roads of an extract, and measure a table of distances and times on them."""
    settings_of("roads", quiet=True)
    from routing.road.extract import ExtractError
    from routing.road.network import RoadNetwork
    from routing.road.profile import PROFILES

    wall, cpu = monotonic(), process_time()
    try:
        network = RoadNetwork.open(file, PROFILES[profile.value])
    except ExtractError as error:
        raise PlanRefused(str(error)) from error
    built = {"wall_seconds": monotonic() - wall, "cpu_seconds": process_time() - cpu}
    about = network.about
    answer = {
        "file": file.name,
        "profile": profile.value,
        "nodes": about.nodes,
        "edges": about.edges,
        "length_m": about.length_m,
        "states": about.states,
        "steps": about.steps,
        "turn_limits": about.turn_limits,
        "turn_limits_left_out": about.turn_limits_left_out,
        "edges_cut_off": about.edges_cut_off,
        "cut_off_m": about.cut_off_m,
        "built": {name: round(taken, 3) for name, taken in built.items()},
        "table": _sample(network, points, seed),
        "source": network.source,
    }
    typer.echo(json.dumps(answer) if as_json else _told(answer))


def _sample(network: "RoadNetwork", points: int, seed: int) -> dict[str, Any]:
    """A table between places by chance, and what it took."""
    import numpy as np

    places = network.places(points, np.random.default_rng(seed))
    wall, cpu = monotonic(), process_time()
    travel = network.travel(places)
    taken = {"wall_seconds": monotonic() - wall, "cpu_seconds": process_time() - cpu}
    between = ~np.eye(points, dtype=bool)
    metres, seconds = travel.distance_m[between], travel.duration_s[0][between]
    return {
        "points": points,
        "entries": points * points,
        **{name: round(value, 3) for name, value in taken.items()},
        "mean_m": round(float(metres.mean())),
        "mean_s": round(float(seconds.mean())),
        "longest_m": int(metres.max()),
        "longest_s": int(seconds.max()),
    }


def _told(answer: dict[str, Any]) -> str:
    built, table = answer["built"], answer["table"]
    length, cut_off = answer["length_m"] / 1000, answer["cut_off_m"] / 1000
    limits, left_out = answer["turn_limits"], answer["turn_limits_left_out"]
    many = table["points"]
    lines = [
        answer["source"],
        f"{answer['nodes']} junctions, {answer['edges']} roads between them, {length:.1f} km",
        f"{answer['edges_cut_off']} roads, {cut_off:.1f} km, cannot be both reached and left",
        f"{limits} limits of turns, {left_out} more that are not understood",
        f"searched as {answer['states']} states and {answer['steps']} steps",
        f"built in {_taken(built)}",
        f"{many} x {many} metres and seconds in {_taken(table)}",
        f"on average {table['mean_m']} m, {table['mean_s']} s",
        f"at most {table['longest_m']} m, {table['longest_s']} s",
    ]
    return "\n".join(lines)


def _taken(measured: dict[str, Any]) -> str:
    wall, cpu = measured["wall_seconds"], measured["cpu_seconds"]
    return f"{wall:.2f} s, {cpu:.2f} s of processor"

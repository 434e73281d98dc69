"""Instances of routing problems with what is best known of them, and larger ones made here."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.reader.instance import Floats, Rounding, RouteFile, straight
from routing.delivery.reader.text import read_path
from routing.delivery.stop import Stop
from routing.delivery.travel import Travel
from routing.delivery.vehicle import Depot, Vehicle

# The published costs of some families are in other units than their files.
UNITS = {"hfvrp": 0.01, "mdvrptw": 1_000.0}
# Of the rows of best_known.csv, the objective that each family is measured by.
OBJECTIVE = {
    "cvrp": "as in the .sol file",
    "vrptw": "distance only, 1-decimal truncation",
    "pdptw": "fewest vehicles, then distance, exact doubles",
    "hfvrp": "as in the .sol file",
    "mdvrptw": "as in the .sol file",
}
LARGE = ("X-n1001", "_10_")
WORLD = 1_000


@dataclass(frozen=True, slots=True)
class Case:
    """An instance. best: the best-known cost, None where nobody knows; vehicles: of that plan."""

    family: str
    file: str
    path: Path | None
    best: float | None
    vehicles: int | None
    size: int = 0
    seed: int = 0

    def read(self) -> RouteFile:
        """The instance itself."""
        if self.path is None:
            return field(self.size, self.seed)
        read = read_path(self.path)
        if self.family == "vrptw":
            return replace(read, problem=replace(read.problem, objective=Objective.COST))
        return read

    def gap(self, cost: float) -> float | None:
        """How far above the best known a cost in the file's units is, in per cent."""
        if self.best is None:
            return None
        return 100 * (cost * UNITS.get(self.family, 1.0) / self.best - 1)


def cases(folder: Path, families: list[str]) -> Iterator[Case]:
    """The instances of these families under a folder; those of 1,000 stops are one of their own."""
    with (folder / "best_known.csv").open() as rows:
        known = list(csv.DictReader(rows))
    for row in known:
        family, file = row["family"], row["file"]
        usual = row["objective"] in (OBJECTIVE[family], "as in the .sol file")
        named = "large" if any(part in file for part in LARGE) else family
        if not usual or named not in families:
            continue
        vehicles = int(row["vehicles"]) if family == "pdptw" else None
        path = folder / family / file
        yield Case(named, file, path, float(row["best_known"]), vehicles)


def field(size: int, seed: int) -> RouteFile:
    """Customers half in clusters and half anywhere, around a depot in the middle.

    Demands are 1 to 100 and a vehicle holds some 20 of them. Clusters are drawn so that a customer
    is the likelier the nearer it is to a seed.

    Source: E. Uchoa et al. (2017), EJOR 257, section 4.
    """
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, WORLD + 1, (6, 2)).astype(np.float64)
    points = [np.array([[WORLD / 2, WORLD / 2]])]
    points.append(rng.integers(0, WORLD + 1, (size // 2, 2)).astype(np.float64))
    left = size - size // 2
    while left > 0:
        tried = rng.integers(0, WORLD + 1, (4 * left + 100, 2)).astype(np.float64)
        away = np.hypot(*(tried[:, None, :] - centres[None]).transpose(2, 0, 1))
        near = rng.random(len(tried)) < np.exp(-away / 40).sum(axis=1)
        points.append(tried[near][:left])
        left -= len(points[-1])
    return _plane(np.vstack(points), rng.integers(1, 101, size), f"field-{size}-{seed}")


def _plane(
    points: Floats, demands: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", name: str
) -> RouteFile:
    size = len(demands)
    table = straight(points, Rounding.NEAREST)
    room = int(20 * demands.mean())
    problem = DeliveryProblem(
        depots=(Depot("0", 0),),
        vehicles=(Vehicle(id="1", start="0", end="0", capacity=(room,), count=size),),
        stops=tuple(
            Stop(id=str(at), place=at, load=(int(demand),)) for at, demand in enumerate(demands, 1)
        ),
        travel=Travel(table, table[None], source="straight lines between points, nearest"),
    )
    numbers = tuple(range(1, size + 1))
    return RouteFile(name, problem, Rounding.NEAREST, numbers, (tuple(range(size)),), points)

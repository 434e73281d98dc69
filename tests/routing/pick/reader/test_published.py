"""The files that others published, where they lie beside the checkout."""

import csv
from pathlib import Path

import pytest

from routing.effort import Effort
from routing.pick.batch.problem import BatchProblem
from routing.pick.floor.layout import Layout, Stop
from routing.pick.floor.walkway import Walkways
from routing.pick.reader.kind import TourInput
from routing.pick.reader.text import read_bytes
from routing.pick.tour.solve import solve_tour
from routing.pick.tour.solve import solve_tour as tour_of
from tests.conftest import SHARED_DATA

pytestmark = pytest.mark.needs_data
PICKING = SHARED_DATA / "picking"
TOUR = "unit_F1_m5_C30_a7_12.txt"
LARGE = "batches/FoodmartData/instances_d5_ord9_MAL.txt"


def read(path: str) -> TourInput | BatchProblem:
    file = PICKING / path
    return read_bytes(file.read_bytes(), file.name)


def test_the_tour_is_as_short_as_the_published_optimum() -> None:
    tour = read(f"tours/{TOUR}")
    with (PICKING / "tours/results_SPRP.csv").open(encoding="utf-8") as file:
        [row] = [
            row
            for row in csv.DictReader(file, delimiter=";")
            if (row["num aisles"], row["num cells"], row["num articles"], row["random seed"])
            == ("5", "30", "7", "12")
        ]
    assert isinstance(tour, TourInput) and isinstance(tour.floor, Layout)
    stops = [stop for stop in tour.stops if isinstance(stop, Stop)]

    found = solve_tour(tour.floor, stops)

    assert found.distance_mm == int(row["DP cost"]) * tour.scale_mm


@pytest.mark.parametrize(
    ("path", "loads", "units", "kind"),
    [
        ("batches/HennWaescherUniform/1l-20-30-0.txt", 20, 279, Layout),
        ("batches/MuterOencan/100_48_5.txt", 100, 587, Layout),
        ("batches/FoodmartData/instances_d5_ord5_MAL.txt", 5, 203, Walkways),
        (LARGE, 9, 286, Walkways),
        ("batches/KrisSmallDataCorrected/instances_1_1.txt", 18, 31, Walkways),
    ],
)
def test_every_order_is_read(path: str, loads: int, units: int, kind: type) -> None:
    problem = read(path)

    assert isinstance(problem, BatchProblem) and isinstance(problem.floor, kind)
    assert len(problem.loads) == loads
    assert sum(load.units for load in problem.loads) == units


def test_an_order_has_the_boxes_that_the_file_says() -> None:
    problem = read(LARGE)
    told = {"1": 2} | {str(number): 1 for number in range(2, 10)}

    assert isinstance(problem, BatchProblem)
    boxes = {load.id: -(-load.volume_ml // problem.cart.tote_volume_ml) for load in problem.loads}
    assert boxes == told


def test_all_small_orders_in_one_walk_are_as_short_as_the_published_optimum() -> None:
    problem = read("batches/FoodmartData/instances_d5_ord5_MAL.txt")
    assert isinstance(problem, BatchProblem)
    stops = problem.stops_of(load.id for load in problem.loads)

    found = tour_of(problem.floor, stops, effort=Effort(iterations=2_000))

    # Valle, Beasley and da Cunha (2017) print one decimal.
    assert round(found.distance_mm / 1_000, 1) == 348.6


def test_the_file_that_ends_too_early_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^2l-20-45-0.txt, line 80: expected ID .* ends here$"):
        read("batches/HennWaescherUniform/2l-20-45-0.txt")


def shortest_ways(path: Path) -> dict[tuple[int, int], float]:
    """The list of shortest ways that a file of a graph carries with it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = lines.index("//LocStart LocEnd ShortestPath") + 1
    found = {}
    for line in lines[first:]:
        if line.startswith("//"):
            break
        start, end, length = line.split()
        found[int(start), int(end)] = float(length)
    return found


@pytest.mark.parametrize("path", [LARGE, "batches/KrisSmallDataCorrected/instances_1_1.txt"])
def test_the_arcs_are_as_long_as_the_published_ways(path: str) -> None:
    problem = read(path)
    assert isinstance(problem, BatchProblem) and isinstance(problem.floor, Walkways)
    floor = problem.floor
    length_mm = [[10**9] * floor.nodes for _ in range(floor.nodes)]
    for arc in floor.arcs:
        length_mm[arc.a][arc.b] = arc.length_mm
        if not arc.one_way:
            length_mm[arc.b][arc.a] = arc.length_mm
    for by in range(floor.nodes):
        for a in range(floor.nodes):
            for b in range(floor.nodes):
                through = length_mm[a][by] + length_mm[by][b]
                length_mm[a][b] = min(length_mm[a][b], through)
    [start], [end] = floor.doors, floor.drops

    for (a, b), length in shortest_ways(PICKING / path).items():
        # Both depots are one place, and where arcs lead only from one and to the other, the list
        # has the ways back as well.
        if a != b and {a, b} != {start, end} and a != end and b != start:
            assert length_mm[a][b] == round(1_000 * length)

"""Text formats: what a file says, and which line of it is wrong."""

import csv
from pathlib import Path

import numpy as np
import pytest

from routing.delivery.draft import Draft, Run
from routing.delivery.plan import DeliveryPlan, Route, Trip, Visit
from routing.delivery.problem import Objective
from routing.delivery.reader.instance import Rounding, RouteFile
from routing.delivery.reader.text import read_path, read_text
from routing.delivery.stop import Kind
from routing.delivery.timetable import plan_of
from tests.conftest import SHARED_DATA

SOLOMON = """R1

VEHICLE
NUMBER     CAPACITY
  3         20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        100          0
    1      3          4         10         10         20          5
    2      1          1          7          0         50          5
"""
PAIRS = """3\t20\t1
0\t0\t0\t0\t0\t100\t0\t0\t0
1\t3\t4\t6\t0\t50\t5\t0\t2
2\t1\t1\t-6\t10\t60\t5\t1\t0
"""
CAPACITATED = """NAME : \tT-n4-k2\t
COMMENT : "made for a test"
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 9
NODE_COORD_SECTION
1 0 0
2 3 4
3 1 1
4 -2 0
DEMAND_SECTION
1 0
2 4
3 5
4 6
DEPOT_SECTION
 1
 -1
EOF
"""
FLEET = """NAME: mixed
TYPE: HFVRP
DIMENSION: 3
VEHICLES: 3
EDGE_WEIGHT_TYPE: EUC_2D
NODE_COORD_SECTION
1 0 0
2 10 0
3 0 20
DEMAND_SECTION
1 0
2 4
3 5
CAPACITY_SECTION
1 9
2 5
3 9
VEHICLES_FIXED_COST_SECTION
1 100
2 10
3 100
VEHICLES_UNIT_DISTANCE_COST_SECTION
1 3
2 2
3 3
DEPOT_SECTION
1
EOF
"""
END = "DEPOT_SECTION\n1\n"
DEPOTS = """NAME: two depots
DIMENSION: 4
VEHICLES: 2
CAPACITY: 9
VEHICLES_MAX_DURATION: 30.5
EDGE_WEIGHT_TYPE: EUC_2D
NODE_COORD_SECTION
1 0 0
2 9 9
3 1 0
4 8 9
DEMAND_SECTION
1 0
2 0
3 4
4 5
SERVICE_TIME_SECTION
1 0
2 0
3 2
4 2
TIME_WINDOW_SECTION
1 0 40
2 5 50
3 1 9
4 2 8
VEHICLES_DEPOT_SECTION
1 1
2 2
DEPOT_SECTION
1
2
EOF
"""
EXPLICIT = """NAME : told
DIMENSION : 3
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : LOWER_ROW
CAPACITY : 9
EDGE_WEIGHT_SECTION
7
8 9
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
1
-1
EOF
"""


def _lone(read: RouteFile, routes: dict[tuple[str, int], tuple[str, ...]]) -> DeliveryPlan:
    made = tuple(
        Route(
            vehicle=vehicle,
            number=number,
            trips=(Trip(0, tuple(Visit(stop, 0, 0, 0) for stop in stops), 0),),
            pauses=(),
            distance_m=0,
            drive_s=0,
            cost=0.0,
        )
        for (vehicle, number), stops in routes.items()
    )
    return DeliveryPlan(made, (), 1234.0, "test", "", read.problem.travel.source, 0, 0.0)


def test_time_windows_are_read_in_tenths() -> None:
    read = read_text(SOLOMON, "r1.txt")
    assert read.rounding is Rounding.DIMACS
    vehicle, first = read.problem.vehicles[0], read.problem.stops[0]
    assert (vehicle.count, vehicle.capacity) == (3, (20,))
    assert (first.load, first.windows[0].opens_s, first.windows[0].closes_s) == ((10,), 100, 200)
    assert first.service_s == 50
    assert read.problem.depots[0].closes_s == 1_000
    # 5 exactly, and the root of 2 cut off after its first decimal.
    assert read.problem.travel.distance_m[0].tolist() == [0, 50, 14]


def test_pairs_come_with_fewest_vehicles_first() -> None:
    problem = read_text(PAIRS, "lc.txt").problem
    assert problem.objective is Objective.VEHICLES
    assert [(pair.pickup, pair.delivery) for pair in problem.pairs] == [("1", "2")]
    assert [(stop.kind, stop.load) for stop in problem.stops] == [
        (Kind.PICKUP, (6,)),
        (Kind.DELIVERY, (6,)),
    ]
    assert problem.travel.distance_m[0, 2] == 14_142


def test_capacity_alone_is_rounded_to_whole_numbers() -> None:
    read = read_text(CAPACITATED, "t.vrp")
    assert read.rounding is Rounding.NEAREST
    assert read.problem.vehicles[0].count == 3
    assert read.problem.travel.distance_m[0].tolist() == [0, 5, 1, 2]
    assert read.numbers == (1, 2, 3)


def test_vehicles_that_are_alike_become_one_type() -> None:
    read = read_text(FLEET, "f.vrp")
    big, small = read.problem.vehicles
    assert (big.count, big.capacity, big.fixed_cost, big.distance_cost) == (2, (9,), 1e6, 3.0)
    assert (small.count, small.capacity) == (1, (5,))
    assert read.fleet == ((0, 2), (1,))


def test_a_solution_of_a_mixed_fleet_names_every_vehicle() -> None:
    read = read_text(FLEET, "f.vrp")
    plan = _lone(read, {("1", 1): ("1",), ("2", 0): ("2",)})
    assert read.solution_text(plan).splitlines() == [
        "Route #1: ",
        "Route #2: 2",
        "Route #3: 1",
        # 100 + 3 × 20 for the large one, 10 + 2 × 40 for the small one.
        "Cost 250",
    ]


def again(depot: int) -> str:
    """The mixed fleet, whose vehicles may be loaded again at that depot."""
    rows = "".join(f"{number} {depot}\n" for number in (1, 2, 3))
    return FLEET.replace("DEPOT_SECTION\n1\n", f"VEHICLES_RELOAD_DEPOT_SECTION\n{rows}{END}")


def test_every_trip_s_way_is_paid_for() -> None:
    read = read_text(again(1), "f.vrp")
    assert [vehicle.trips_max for vehicle in read.problem.vehicles] == [4, 4]
    run = Run(0, ((0,), (1,)))
    plan = plan_of(read.problem, Draft((run,), "test"), why="", seconds=0)
    # 100 for the large one, and 3 a unit for 10 there and back, and 20 there and back.
    assert read.cost(plan) == 280
    assert plan.cost == 280 * Rounding.EXACT.scale


def test_a_vehicle_that_reloads_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"vehicle 1 reloads at depot 2; expected depot 1"):
        read_text(again(2), "f.vrp")


def test_a_prize_left_is_paid_and_a_stop_without_one_must_be_served() -> None:
    text = FLEET.replace("DEPOT_SECTION\n1\n", f"PRIZE_SECTION\n1 0\n2 0\n3 7\n{END}")
    read = read_text(text, "f.vrp")
    assert [stop.prize for stop in read.problem.stops] == [None, 70_000]
    plan = plan_of(read.problem, Draft((Run(0, ((0,),)),), "test"), why="", seconds=0)
    assert read.cost(plan) == 100 + 3 * 20 + 7
    assert plan.cost == read.cost(plan) * Rounding.EXACT.scale


def test_a_solution_of_one_type_names_only_what_goes_out() -> None:
    read = read_text(CAPACITATED, "t.vrp")
    text = read.solution_text(_lone(read, {("1", 0): ("2", "1")}))
    assert text == "Route #1: 2 1\nCost 1234\n"


def test_every_depot_has_its_hours_and_vehicles() -> None:
    read = read_text(DEPOTS, "d.vrp")
    assert [(depot.opens_s, depot.closes_s) for depot in read.problem.depots] == [
        (0, 400_000),
        (50_000, 500_000),
    ]
    assert [vehicle.start for vehicle in read.problem.vehicles] == ["0", "1"]
    assert read.problem.vehicles[0].duration_s_max == 305_000
    assert read.numbers == (2, 3)


def test_distances_may_be_told() -> None:
    read = read_text(EXPLICIT, "e.vrp")
    assert read.problem.travel.distance_m.tolist() == [[0, 7, 8], [7, 0, 9], [8, 9, 0]]
    assert read.points is None


def test_a_rounding_may_be_chosen() -> None:
    table = read_text(CAPACITATED, "t.vrp", Rounding.EXACT).problem.travel.distance_m
    assert table[0, 2] == 14_142


BROKEN = {
    "nothing in it": ("", "line 1: expected NAME"),
    "no format that we know": ("hello\nworld\n", "line 1: expected NAME"),
    "a word where a number belongs": (
        SOLOMON.replace("         10         10 ", "         ten        10 "),
        "line 11: expected demand as a whole number",
    ),
    "a window that closes before it opens": (
        SOLOMON.replace("10         20          5", "30         20          5"),
        "line 11: expected a due date of at least the ready time 30",
    ),
    "a column missing": (
        SOLOMON.replace("7          0         50          5", "7          0         50"),
        "line 12: expected number x y demand",
    ),
    "customers out of order": (
        SOLOMON.replace("    2      1 ", "    3      1 "),
        "line 12: expected customer 2",
    ),
    "a coordinate that is no number": (
        CAPACITATED.replace("2 3 4", "2 nan 4"),
        "line 9: expected a value in NODE_COORD_SECTION as a number",
    ),
    "a section cut short": (
        CAPACITATED.partition("4 6\n")[0],
        "line 16: expected row 4 of 4 in DEMAND_SECTION, but the text ends here",
    ),
    "a section that nobody knows": (
        CAPACITATED.replace("DEMAND_SECTION", "WISHES_SECTION"),
        "line 12: expected a section that we read",
    ),
    "a depot that is not the first node": (
        CAPACITATED.replace(" 1\n -1", " 3\n -1"),
        "line 18: expected depots to be the first nodes",
    ),
    "no depot": (CAPACITATED.partition("DEPOT_SECTION")[0], "line 17: expected DEPOT_SECTION"),
    "a distance too few": (
        EXPLICIT.replace("8 9\n", "8\n"),
        "line 9: expected a distance as a number",
    ),
    "a kind of distance that we do not know": (
        CAPACITATED.replace("EUC_2D", "GEO"),
        "t.vrp: EDGE_WEIGHT_TYPE must be EUC_2D or EXPLICIT, not GEO",
    ),
    "a window of a node that closes before it opens": (
        DEPOTS.replace("4 2 8", "4 9 8"),
        "the window of node 4 closes at 8, before 9",
    ),
    "a pickup that names another's delivery": (
        PAIRS.replace("-6\t10\t60\t5\t1\t0", "-6\t10\t60\t5\t0\t0"),
        "task 1 names task 2, which names another",
    ),
    "a pair of unlike loads": (PAIRS.replace("-6", "-5"), "tasks 1 and 2 carry unlike loads"),
    "a row too many": (
        CAPACITATED.replace("4 6\n", "4 6\n5 6\n"),
        "line 17: expected a head such as",
    ),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_a_malformed_file_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"t\.vrp") as refused:
        read_text(text, "t.vrp")
    assert told in str(refused.value)


@pytest.mark.needs_data
def test_best_known_solutions_cost_what_their_files_say() -> None:
    routing_data = SHARED_DATA / "routing"
    units = {"hfvrp": 0.01, "mdvrptw": 1_000.0}
    with (routing_data / "best_known.csv").open() as rows:
        told = {
            row["file"]: (row["family"], float(row["best_known"]))
            for row in csv.DictReader(rows)
            if row["objective"] == "as in the .sol file"
        }
    assert len(told) > 10
    for file, (family, best) in told.items():
        path = next(routing_data.rglob(file))
        read = read_path(path)
        plan = _lone(read, _solution(read, path.with_suffix(".sol")))
        cost = _rounded_cost(read, plan)
        assert cost * units.get(family, 1.0) == pytest.approx(best, abs=1.0), file


def _solution(read: RouteFile, path: Path) -> dict[tuple[str, int], tuple[str, ...]]:
    owners = {
        file_number: (vehicle.id, number)
        for vehicle, numbers in zip(read.problem.vehicles, read.fleet, strict=True)
        for number, file_number in enumerate(numbers)
    }
    lines = [line for line in path.read_text().splitlines() if line.startswith("Route")]
    routes = {}
    for at, line in enumerate(lines):
        stops = tuple(line.partition(":")[2].split())
        if stops:
            routes[owners[at]] = stops
    return routes


def _rounded_cost(read: RouteFile, plan: DeliveryPlan) -> float:
    if read.rounding is Rounding.EXACT:
        return read.cost(plan)
    places = {stop.id: stop.place for stop in read.problem.stops}
    table = read.problem.travel.distance_m
    total = 0
    for route in plan.routes:
        way = np.array([0, *(places[stop] for stop in route.stops), 0])
        total += int(table[way[:-1], way[1:]].sum())
    return total / read.rounding.scale

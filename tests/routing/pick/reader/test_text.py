"""What published files say, and what is said about files that say nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Door, Layout, NodeStop, Side, Stop
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.reader.kind import TourInput
from routing.pick.reader.text import read_bytes, read_text
from routing.pick.tour.solve import solve_tour
from tests.routing.pick.reader.sample import BATCHES, DEADLINES, SAMPLES, TOUR, TROLLEYS


def a_batch_problem(text: str) -> BatchProblem:
    problem = read_text(text, "file")
    assert isinstance(problem, BatchProblem)
    return problem


def a_tour(text: str) -> TourInput:
    tour = read_text(text, "file")
    assert isinstance(tour, TourInput)
    return tour


def test_cell_zero_is_next_to_the_top() -> None:
    tour = a_tour(TOUR)

    assert tour.floor == Layout(2, 6_500, 3_000, depot_aisle=1)
    assert tour.stops == (
        Stop(1, 4_500, Side.LEFT),
        Stop(0, 1_500, Side.RIGHT, units=5),
    )
    assert tour.scale_mm == 1_000


def test_a_depot_at_the_top_is_a_door_at_the_back() -> None:
    tour = a_tour(TOUR.replace("LOCATION : bottom", "LOCATION : top"))

    assert isinstance(tour.floor, Layout)
    assert tour.floor.starts == (Door(1, at_back=True),)


@pytest.mark.parametrize(("side", "beside_mm"), [("bottom", -4_000), ("top", 10_500)])
def test_a_depot_beside_the_cross_aisle_makes_a_graph(side: str, beside_mm: int) -> None:
    text = TOUR.replace("TO_DEPOT : 0", "TO_DEPOT : 4").replace("bottom", side)

    tour = a_tour(text)

    assert isinstance(tour.floor, Walkways)
    assert tour.floor.points[0] == (3_000, beside_mm)
    places = [tour.floor.points[stop.node] for stop in tour.stops if isinstance(stop, NodeStop)]
    assert places == [(3_000, 4_500), (0, 1_500)]
    lengths = sorted(arc.length_mm for arc in tour.floor.arcs)
    assert lengths == [1_500, 2_000, 3_000, 3_000, 4_000, 4_500, 5_000]
    assert not any(arc.one_way for arc in tour.floor.arcs)


def test_weights_count_against_the_picker_s_capacity_and_stocks_do_not() -> None:
    problem = a_batch_problem(BATCHES)

    assert problem.floor == Layout(2, 5_000, 2_400)
    assert problem.cart.mass_g_max == 4_000
    assert [(load.id, load.units, load.mass_g) for load in problem.loads] == [
        ("0", 3, 2_000),
        ("1", 3, 3_000),
    ]
    assert problem.loads[0].stops == (
        Stop(1, 4_000, mass_g=1_000),
        Stop(0, 1_000, units=2, mass_g=1_000),
    )


def test_boxes_of_a_trolley() -> None:
    problem = a_batch_problem(TROLLEYS)

    assert problem.cart == Cart(slots=2, mass_g_max=1, tote_volume_ml=10_000)
    assert problem.loads == (
        Load(
            "1",
            (NodeStop(1, units=4, volume_ml=4_000), NodeStop(2, units=5, volume_ml=10_000)),
            14_000,
            0,
        ),
        Load("2", (NodeStop(1, units=6, volume_ml=3_000),), 3_000, 0),
    )
    mixed = a_batch_problem(TROLLEYS.replace("yes)\n0", "yes)\n1"))
    assert mixed.cart.mixed


def test_an_arc_that_is_listed_one_way_is_one_way() -> None:
    floor = a_batch_problem(TROLLEYS).floor

    assert isinstance(floor, Walkways)
    assert set(floor.arcs) == {
        Arc(0, 3, 2_500),
        Arc(1, 3, 1_000),
        Arc(1, 2, 4_250),
        Arc(3, 4, 7_000, one_way=True),
    }
    assert (floor.nodes, floor.doors, floor.drops) == (5, (0,), (4,))
    assert floor.points[2] == (0, 7_750)
    assert floor.points[0] == (0, -1_000)


def test_pickers_with_due_dates() -> None:
    problem = a_batch_problem(DEADLINES)

    assert [load.due_s for load in problem.loads] == [900, 400]
    assert [shift.picker for shift in problem.shifts] == ["picker-1", "picker-2"]
    assert problem.cart.mixed
    assert problem.cart.slots * problem.cart.tote_volume_ml == 3_000
    pace = problem.pace
    one_walk_s = pace.setup_s + 10_500 / pace.speed_mm_s + 2 * pace.pick_s
    assert one_walk_s == pytest.approx(60 + 10.5 * 3 + 2 * 20)
    assert (pace.turn_s, pace.stop_s, pace.reach_s) == (0, 0, 0)


def test_bytes_that_are_no_utf_8_are_older() -> None:
    assert read_bytes(TOUR.encode("latin-1"), "file") == read_text(TOUR, "file")
    assert read_bytes(b"\xef\xbb\xbf" + TOUR.encode(), "file") == read_text(TOUR, "file")
    assert read_bytes(TOUR.replace("\n", "\r\n").encode(), "file") == read_text(TOUR, "file")
    dots = TOUR.encode("latin-1").replace(b"COMMENT : ", b"COMMENT : \x85")
    assert read_bytes(dots, "file") == read_text(TOUR, "file")


@pytest.mark.parametrize(
    ("sample", "old", "new", "line", "said"),
    [
        ("tour", "NUM_CELLS : 4", "NUM_CELLS : -4", 6, "NUM_CELLS as a whole number"),
        ("tour", "NUM_CELLS : 4", "NUM_CELLS : four", 6, "NUM_CELLS as a whole number"),
        ("tour", "NUM_CELLS : 4\n", "", 13, "NUM_CELLS before the sections"),
        ("tour", "NUM_CELLS", "NUM_SHELVES", 6, "a known key"),
        ("tour", "NUM_AISLES : 2", "NUM_AISLES : 2\nNUM_AISLES : 2", 6, "only once"),
        ("tour", "single-block", "two-block", 4, "LAYOUT : single-block"),
        ("tour", "picker_routing", "picker_flying", 2, "TYPE : Single_picker_routing or"),
        ("tour", "DEPOT_AISLE : 1", "DEPOT_AISLE : 2", 14, "DEPOT_AISLE below 2"),
        ("tour", "AISLE_TO_AISLE : 3", "AISLE_TO_AISLE : 0", 9, "a number above 0"),
        ("tour", "BOTTOM_TO_CELL : 1.5", "BOTTOM_TO_CELL : nan", 12, "a number of at least 0"),
        ("tour", "AISLE 0 CELL 3", "AISLE 2 CELL 3", 20, "AISLE as a whole number from 0 to 1"),
        ("tour", "AISLE 0 CELL 3", "AISLE 0 CELL 4", 20, "CELL as a whole number from 0 to 3"),
        ("tour", "HAND_SIDE right", "HAND_SIDE middle", 20, "left or right"),
        ("tour", "ID 0 AISLE", "ID 1 AISLE", 21, "one place for each article"),
        ("tour", "ID 0 AISLE", "ID 5 AISLE", 21, "an ID of ARTICLE_SECTION"),
        ("tour", "SKU_SECTION", "SHELF_SECTION", 18, "expected SKU_SECTION"),
        ("tour", "ID 1 QUANTITY 5", "ID 1 QUANTITY 0", 25, "QUANTITY as a whole number from 1"),
        ("tour", "ID 1 QUANTITY 5", "ID 4 QUANTITY 5", 25, "an ID of SKU_SECTION"),
        ("tour", "ID 1 QUANTITY 5", "ID 1", 25, "ID … QUANTITY with a value each"),
        ("tour", "EOF", "EOF\nmore", 27, "the end of the text"),
        ("batches", "PICKER_CAPACITY : 4\n", "", 14, "PICKER_CAPACITY before the sections"),
        ("batches", "ID 7 WEIGHT 0.5", "ID 0 WEIGHT 0.5", 18, "not listed before"),
        ("batches", "ID 7 WEIGHT 0.5", "ID 7 WEIGHT", 18, "ID and a number"),
        ("batches", "NUM_ORDERS : 2", "NUM_ORDERS : 3", 30, "NUM_ARTICLES_IN_ORDER"),
        ("trolleys", "//NbProducts", "//NbThings", 3, "//NbProducts"),
        ("trolleys", "Capacity\n1", "Capacity\n2", 8, "one dimension"),
        ("trolleys", "yes)\n0", "yes)\n2", 12, "0 for boxes of one order"),
        ("trolleys", "\n2 2 2\n", "\n2 5 2\n", 16, "a location as a whole number from 0 to 4"),
        ("trolleys", "\n2 2 2\n", "\n1 2 2\n", 16, "a product that was not listed"),
        ("trolleys", "\n2 1 1 3 6", "\n2 1 1 4 6", 23, "a product of the list above"),
        ("trolleys", "\n2 1 1 3 6", "\n2 1 2 3 6", 23, "2 products with a quantity each"),
        ("trolleys", "\n2 1 1 3 6", "\n1 1 1 3 6", 23, "an order that was not listed"),
        ("trolleys", "1 2 4.25", "1 5 4.25", 37, "a node as a whole number from 0 to 4"),
        ("trolleys", "1 2 4.25", "1 2 -4.25", 37, "a length as a number of at least 0"),
        ("trolleys", "\n1 0.0 3.5", "\n2 0.0 3.5", 49, "the coordinates of node 1"),
        ("deadlines", "Unit\n3", "Unit\n0", 12, "a number above 0"),
        ("deadlines", "\n1 900 0", "\n1 soon 0", 25, "DueDate as a whole number"),
        ("deadlines", "Pickers\n2", "Pickers\n0", 8, "NbPickers as a whole number from 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    sample: str, old: str, new: str, line: int, said: str
) -> None:
    text = SAMPLES[sample]
    assert old in text

    with pytest.raises(ValueError, match=rf"^file, line {line}: .*{re.escape(said)}"):
        read_text(text.replace(old, new, 1), "file")


@pytest.mark.parametrize("text", ["", "\n \n", "hello", "1 2 3\n", "//Arcs\n0 1 2", "{}"])
def test_an_unknown_format_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="file, line 1: expected NAME : …"):
        read_text(text, "file")


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_text_cut_short_anywhere_is_refused(sample: str) -> None:
    lines = SAMPLES[sample].splitlines()

    for kept in range(len(lines)):
        with pytest.raises(ValueError, match=r"file, line \d+: expected "):
            read_text("\n".join(lines[:kept]), "file")


@given(st.sampled_from(list(SAMPLES)), st.data())
def test_a_text_with_any_word_replaced_is_read_or_refused(sample: str, data: st.DataObject) -> None:
    words = re.split(r"(\s+)", SAMPLES[sample])
    at = data.draw(st.integers(0, len(words) - 1))
    words[at] = data.draw(st.sampled_from(["-1", "0", "99999999999999", "1e9", "x", "²", "", "7"]))

    try:
        read_text("".join(words), "file")
    except ValueError as error:
        assert re.match(r"file, line \d+: expected ", str(error))


def test_a_tour_of_the_sample_is_solved() -> None:
    tour = a_tour(TOUR)
    assert isinstance(tour.floor, Layout)
    stops = [stop for stop in tour.stops if isinstance(stop, Stop)]

    assert solve_tour(tour.floor, stops).distance_mm == 2 * (4_500 + 3_000 + 1_500)

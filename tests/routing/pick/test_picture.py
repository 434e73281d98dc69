"""A floor with its walks as a picture."""

import re
from xml.etree import ElementTree

import pytest

from routing.effort import Effort
from routing.pick.drawing.lane import Leg, corners_of, lanes_of, legs_of
from routing.pick.drawing.mark import spread
from routing.pick.floor.layout import Door, Layout, NodeStop, Side, Stop, Way
from routing.pick.floor.walkway import Arc, Walkways
from routing.pick.picture import draw_tours
from routing.pick.tour.plan import Tour
from routing.pick.tour.rule import s_shape
from routing.pick.tour.search import search_tour

FLOOR = Layout(5, 20_000, 3_000, 1)
STOPS = (Stop(0, 4_000), Stop(2, 18_000, Side.RIGHT), Stop(4, 500))
TWO = tuple(Arc(k, k + 1, 5_000) for k in range(2))
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> ElementTree.Element:
    """The picture as a tree; it must be well-formed."""
    return ElementTree.fromstring(text)


def told(text: str) -> list[str]:
    return ["".join(part.itertext()) for part in drawn(text).iter(f"{SVG}text")]


def test_a_picture_needs_nothing_else_and_says_what_it_shows() -> None:
    text = draw_tours(FLOOR, [STOPS], [s_shape(FLOOR, STOPS)])
    picture = drawn(text)
    assert picture.get("role") == "img"
    title, desc = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None and title.text == "Picker walks"
    assert desc is not None and "1 walk" in str(desc.text) and "3 stops" in str(desc.text)
    assert not re.search(r"<script|<image|href|@import|url\(|<foreignObject", text)
    assert text.count("http") == 1


def test_every_stop_of_every_walk_is_numbered() -> None:
    tour = s_shape(FLOOR, STOPS)
    said = told(draw_tours(FLOOR, [STOPS, STOPS], [tour, tour]))
    numbers = [word for word in said if word in ("1", "2", "3")]
    # Aisles are numbered too, from 0 to 4.
    assert sorted(numbers) == ["1", "1", "1", "2", "2", "2", "3", "3", "3"]
    assert {"Cart 1", "Cart 2"} <= set(said)


def test_names_are_escaped() -> None:
    tour = s_shape(FLOOR, STOPS)
    name = '<b>&"'
    text = draw_tours(FLOOR, [STOPS], [tour], names=[name], notes=["<i>"], title="a & <b>")
    assert {name, "<i>", "a & <b>"} <= {word.replace("<i><i>", "<i>") for word in told(text)}


def test_two_walks_on_one_stretch_lie_beside_each_other() -> None:
    walks = [legs_of([(0, 0), (0, 90)]), legs_of([(0, 80), (0, 10)]), legs_of([(0, 200), (0, 300)])]
    lanes = [[lane.beside for lane in own] for own in lanes_of(walks, 1)]
    assert lanes == [[-0.5], [0.5], [0.0]]
    ends = corners_of(legs_of([(0, 0), (0, 90), (50, 90)]), [2.0, 3.0])
    assert ends == [((2.0, 0.0), (2.0, 87.0)), ((2.0, 87.0), (50.0, 87.0))]


def test_there_and_back_are_two_lines() -> None:
    legs = legs_of([(0, 0), (0, 50), (0, 90), (0, 0)])
    assert legs == [Leg((0, 0), (0, 90)), Leg((0, 90), (0, 0))]
    [there, back] = lanes_of([legs], 1)[0]
    assert there.beside != back.beside


def test_marks_lie_apart_and_near_their_places() -> None:
    assert spread([0, 1, 30], 10) == [-4.5, 5.5, 30]
    assert spread([], 10) == []


@pytest.mark.parametrize(
    "floor",
    [
        Layout(1, 1, 1),
        Layout(3, 90_000, 2_000, 0, (30_000, 60_000), doors=(Door(0, True),), drops=(Door(2),)),
        Layout(3, 9_000, 2_000, lengths_mm=(9_000, 5_000, 7_000), aisle_width_mm=800),
        Layout(3, 9_000, 2_000, ways=(Way.UP, Way.DOWN, Way.BOTH)),
        Layout(300, 9_000, 2_000),
    ],
)
def test_every_layout_can_be_drawn(floor: Layout) -> None:
    point = floor.point_of(floor.starts[0])
    x, y = point
    tour = Tour(0, (0,), (point, (x, 0), (x, y)), "by hand", optimal=False)
    drawn(draw_tours(floor, [[Stop(0, y)]], [tour]))
    drawn(draw_tours(floor, [], []))


def test_walkways_are_drawn_by_their_points_and_refused_without() -> None:
    floor = Walkways(3, TWO, (0,), points=((0, 0), (5_000, 0), (5_000, 5_000)))
    stops = [NodeStop(2), NodeStop(1), *[NodeStop(2)] * 9]
    tour = search_tour(floor, stops, effort=Effort(iterations=10))
    assert told(draw_tours(floor, [stops], [tour])).count("11") == 1
    blind = Walkways(3, TWO, (0,))
    with pytest.raises(ValueError, match="have no points"):
        draw_tours(blind, [stops], [tour])


def test_each_walk_needs_its_stops() -> None:
    with pytest.raises(ValueError, match="needs its stops"):
        draw_tours(FLOOR, [], [s_shape(FLOOR, STOPS)])

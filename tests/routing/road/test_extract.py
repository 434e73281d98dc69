"""A van drives as the signs of a town allow, and what is no map of roads is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from routing.road.access import Tags
from routing.road.extract import ExtractError
from routing.road.network import RoadNetwork
from routing.road.profile import CAR, VAN, Profile, van
from tests.conftest import SHARED_DATA
from tests.routing.road.town import ROAD, Town, at, metres, square


def test_a_street_is_driven_both_ways(tmp_path: Path) -> None:
    town = square()
    town.way("AB")
    assert metres(town, tmp_path, "A", "B") == metres(town, tmp_path, "B", "A") == 1000


@pytest.mark.parametrize(
    ("tags", "against"),
    [
        ({"oneway": "yes"}, False),
        ({"oneway": "-1"}, True),
        ({"junction": "roundabout"}, False),
        ({"highway": "motorway"}, False),
    ],
)
def test_a_one_way_ring_is_driven_in_its_direction_only(
    tmp_path: Path, tags: dict[str, str], against: bool
) -> None:
    town = square()
    town.way("ABCDA", {**ROAD, **tags})
    there, back = metres(town, tmp_path, "A", "B"), metres(town, tmp_path, "B", "A")
    assert (there, back) == ((3000, 1000) if against else (1000, 3000))


def test_a_motorway_that_says_so_is_open_both_ways(tmp_path: Path) -> None:
    town = square()
    town.way("ABCDA", highway="motorway", oneway="no")
    assert metres(town, tmp_path, "B", "A") == 1000


def crossing() -> tuple[Town, int, int, int]:
    """A van comes to B from A; C lies to the left, E straight on; a loop leads from E back to C."""
    town = square()
    town.node("E", 2000, 0)
    town.node("F", 2000, 1000)
    coming, left, ahead = town.way("AB"), town.way("BC"), town.way("BE")
    town.way("EFC")
    return town, coming, left, ahead


def test_without_a_sign_a_van_turns_left(tmp_path: Path) -> None:
    assert metres(crossing()[0], tmp_path, "A", "C") == 2000


def test_no_left_turn_sends_a_van_round_the_block(tmp_path: Path) -> None:
    town, coming, left, _ = crossing()
    town.limit("no_left_turn", coming, "B", left)
    assert metres(town, tmp_path, "A", "C") == 4000
    assert metres(town, tmp_path, "C", "A") == 2000
    assert metres(town, tmp_path, "E", "C") == 2000


def test_only_straight_on_forbids_every_other_turn(tmp_path: Path) -> None:
    town, coming, _, ahead = crossing()
    town.limit("only_straight_on", coming, "B", ahead)
    assert metres(town, tmp_path, "A", "C") == 4000
    assert metres(town, tmp_path, "A", "E") == 2000


@pytest.mark.parametrize(
    ("tags", "holds"),
    [
        ({"except": "bicycle"}, True),
        ({"except": "psv;goods"}, False),
        ({"restriction:goods": "no_left_turn", "restriction": ""}, True),
        ({"restriction:motorcar": "no_left_turn", "restriction": ""}, True),
        ({"restriction:hgv": "no_left_turn", "restriction": ""}, False),
        ({"restriction:conditional": "no_left_turn @ (07:00-09:00)", "restriction": ""}, False),
    ],
)
def test_a_limit_holds_for_those_it_does_not_except(
    tmp_path: Path, tags: dict[str, str], holds: bool
) -> None:
    town, coming, left, _ = crossing()
    town.limit("no_left_turn", coming, "B", left, tags)
    assert (metres(town, tmp_path, "A", "C") == 4000) == holds


def test_a_limit_by_way_of_a_way_is_left_out_and_counted(tmp_path: Path) -> None:
    town, coming, left, ahead = crossing()
    town.limit("no_left_turn", coming, ahead, left)
    about = RoadNetwork.open(town.write(tmp_path), VAN).about
    assert (about.turn_limits, about.turn_limits_left_out) == (0, 1)
    assert metres(town, tmp_path, "A", "C") == 2000


def test_a_van_turns_round_at_a_road_s_end_rather_than_at_a_junction(tmp_path: Path) -> None:
    town = square()
    town.node("G", 1100, 0)
    town.node("H", 1100, 500)
    coming, left = town.way("AB"), town.way("BC")
    town.way("BG")
    town.way("GH")
    town.node("E", 2000, 0)
    town.way("GE")
    town.limit("no_left_turn", coming, "B", left)
    nimble = replace(VAN, u_turn_s=0)
    assert metres(town, tmp_path, "A", "C", nimble) == 2200
    # Into the side road, round at its end, and back: where that takes less than the turn.
    assert metres(town, tmp_path, "A", "C", replace(VAN, u_turn_s=150)) == 3200
    assert metres(town, tmp_path, "A", "C", replace(VAN, u_turn_s=140)) == 2200


def test_no_u_turn_holds_even_for_those_who_turn_at_junctions(tmp_path: Path) -> None:
    town = square()
    town.node("G", 1100, 0)
    town.node("E", 2000, 0)
    coming, left, ahead = town.way("AB"), town.way("BC"), town.way("BG")
    town.way("GE")
    town.limit("no_left_turn", coming, "B", left)
    town.limit("no_u_turn", ahead, "G", ahead)
    assert metres(town, tmp_path, "A", "C", replace(VAN, u_turn_s=0)) == 4000


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({"barrier": "bollard"}, True),
        ({"barrier": "block"}, True),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "height_restrictor", "maxheight": "2.1"}, True),
        ({"barrier": "bollard", "bollard": "rising"}, False),
        ({"barrier": "gate"}, False),
        ({"barrier": "toll_booth"}, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
    ],
)
def test_a_barrier_stops_whom_it_is_for(tmp_path: Path, tags: dict[str, str], stops: bool) -> None:
    town = square()
    town.node("X", 500, 0, **tags)
    town.way("AXB")
    town.way("BCDA")
    assert metres(town, tmp_path, "A", "B") == (3000 if stops else 1000)


def test_both_sides_of_a_barrier_are_driven_to(tmp_path: Path) -> None:
    town = square()
    town.node("X", 500, 0, barrier="bollard")
    town.way("AXB")
    town.way("BCDA")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    travel = network.travel([at(0, 0), at(499, 0), at(501, 0)])
    assert travel.distance_m[0].tolist() == [0, 499, 3499]


@pytest.mark.parametrize(
    ("profile", "tags", "open_"),
    [
        (VAN, {"maxheight": "2.5"}, False),
        (CAR, {"maxheight": "2.5"}, True),
        (VAN, {"maxheight": "9'6\""}, True),
        (VAN, {"maxweight": "2.8"}, False),
        (VAN, {"maxweight": "7000 lbs"}, False),
        (CAR, {"maxweight": "2.8"}, True),
        (VAN, {"hgv": "no"}, True),
        (van(weight_t=7.5), {"hgv": "no"}, False),
        (VAN, {"goods": "no"}, False),
        (CAR, {"goods": "no"}, True),
        (VAN, {"access": "no", "goods": "yes"}, True),
        (VAN, {"access": "no", "motor_vehicle": "destination"}, True),
        (VAN, {"access": "private"}, False),
        (VAN, {"highway": "pedestrian"}, False),
        (VAN, {"highway": "pedestrian", "goods": "delivery"}, True),
        (VAN, {"highway": "footway"}, False),
        (VAN, {"highway": "construction"}, False),
        (VAN, {"oneway": "reversible"}, False),
        (VAN, {"highway": "service", "area": "yes"}, False),
        (VAN, {"highway": "", "route": "ferry"}, False),
    ],
)
def test_a_way_is_a_road_for_those_whom_its_signs_let_in(
    tmp_path: Path, profile: Profile, tags: Tags, open_: bool
) -> None:
    town = square()
    town.way("AB", {**ROAD, "maxspeed": "120", **tags})
    town.way("BCDA", highway="primary", maxspeed="20")
    told = metres(town, tmp_path, "A", "B", profile)
    # Where only deliveries may go, one goes slowly, but goes.
    assert (told == 1000) == open_ or (open_ and "destination" in tags.values())


def test_a_road_that_leaves_the_extract_ends_at_its_edge(tmp_path: Path) -> None:
    town = square()
    town.way("ABZ")
    town.way("BC")
    assert metres(town, tmp_path, "A", "C") == 2000


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no such file"),
        ("this is no map", "not an extract"),
        ('<?xml version="1.0"?><osm version="0.6"></osm>', "no road in it that a van may drive"),
    ],
)
def test_what_is_no_map_of_roads_is_refused(tmp_path: Path, content: str | None, why: str) -> None:
    path = tmp_path / "town.osm"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(ExtractError, match=why):
        RoadNetwork.open(path, VAN)


@pytest.mark.needs_data
def test_half_an_extract_is_refused(tmp_path: Path) -> None:
    whole = (SHARED_DATA / "roads/Helsinki.osm.pbf").read_bytes()
    (tmp_path / "half.osm.pbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ExtractError, match=r"half\.osm\.pbf: not an extract"):
        RoadNetwork.open(tmp_path / "half.osm.pbf", VAN)


def test_roads_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    town = square()
    town.way("AB", oneway="yes")
    with pytest.raises(ExtractError, match="come back"):
        RoadNetwork.open(town.write(tmp_path), VAN)

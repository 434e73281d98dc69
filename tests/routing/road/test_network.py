"""A van drives as the signs of a town allow, and the figures are those of its quickest ways."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routing.road.access import Tags
from routing.road.extract import ExtractError
from routing.road.network import RoadNetwork
from routing.road.profile import CAR, VAN, Profile, van
from routing.road.snap import Unreachable
from tests.conftest import SHARED_DATA
from tests.routing.road.town import ROAD, Town, at


def square() -> Town:
    """Four corners, a kilometre from each to the next: A, B to its east, C to the north, D."""
    town = Town()
    for name, east_m, north_m in (("A", 0, 0), ("B", 1000, 0), ("C", 1000, 1000), ("D", 0, 1000)):
        town.node(name, east_m, north_m)
    return town


def metres(town: Town, folder: Path, start: str, end: str, profile: Profile = VAN) -> int:
    """How far it is between two of the square's corners, to ten metres."""
    places = {"A": (0, 0), "B": (1000, 0), "C": (1000, 1000), "D": (0, 1000), "E": (2000, 0)}
    network = RoadNetwork.open(town.write(folder), profile)
    travel = network.travel([at(*places[start]), at(*places[end])])
    return round(int(travel.distance_m[0, 1]) / 10) * 10


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


def test_a_limit_of_speed_makes_a_way_slower(tmp_path: Path) -> None:
    seconds = {}
    for limit in ("20", "20 mph", "40", "DE:urban"):
        town = square()
        town.way("AB", maxspeed=limit)
        network = RoadNetwork.open(town.write(tmp_path), VAN)
        seconds[limit] = int(network.travel([at(0, 0), at(1000, 0)]).duration_s[0, 0, 1])
    assert seconds["20"] == round(1000 / (20 * 0.75 / 3.6))
    assert seconds["20 mph"] == round(1000 / (20 * 1.609344 * 0.75 / 3.6))
    assert seconds["20"] > seconds["20 mph"] > seconds["40"] > seconds["DE:urban"]


def test_the_limit_of_each_direction_is_its_own(tmp_path: Path) -> None:
    town = square()
    town.way("AB", {**ROAD, "maxspeed:forward": "60", "maxspeed:backward": "30"})
    travel = RoadNetwork.open(town.write(tmp_path), VAN).travel([at(0, 0), at(1000, 0)])
    assert travel.duration_s[0, 1, 0] == 2 * travel.duration_s[0, 0, 1] == 160


def test_metres_are_those_of_the_quickest_way_not_of_the_shortest(tmp_path: Path) -> None:
    town = square()
    town.way("AB", highway="living_street")
    town.way("ADCB", highway="primary", maxspeed="100")
    assert metres(town, tmp_path, "A", "B") == 3000


def test_of_two_ways_equally_quick_the_shorter_counts(tmp_path: Path) -> None:
    town = square()
    town.node("M", 500, -500)
    town.way("AB", maxspeed="20")
    town.way("AMB", highway="primary", maxspeed=f"{20 * 2**0.5:.6f}")
    travel = RoadNetwork.open(town.write(tmp_path), VAN).travel([at(0, 0), at(1000, 0)])
    assert travel.distance_m[0, 1] == 1000


def test_a_traffic_light_costs_time_to_whoever_comes_to_it(tmp_path: Path) -> None:
    town = square()
    town.node("X", 500, 0, highway="traffic_signals")
    town.way("AXB", maxspeed="30")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    travel = network.travel([at(0, 0), at(1000, 0)])
    assert travel.duration_s[0, 0, 1] == 160 + 3


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


def test_an_island_without_a_bridge_is_cut_off_and_counted(tmp_path: Path) -> None:
    town = square()
    town.way("AB")
    town.way("BC")
    town.node("I", 5000, 0)
    town.node("J", 5500, 0)
    town.way("IJ")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    assert network.about.edges_cut_off == 1
    assert network.about.cut_off_m == 500
    with pytest.raises(Unreachable, match="the lighthouse lies over 500 m from every road"):
        network.travel([at(0, 0), at(5200, 0)], names=("the depot", "the lighthouse"))


def test_a_street_that_nobody_comes_back_from_is_not_used(tmp_path: Path) -> None:
    town = square()
    town.way("ABCDA")
    town.node("O", 300, -20)
    town.node("P", 300, -400)
    town.way("AO", oneway="yes")
    town.way("OP", oneway="yes")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    assert network.about.edges_cut_off == 2
    assert round(network.snap([at(300, -20)]).distance_m[0]) == 20


def test_a_road_that_leaves_the_extract_ends_at_its_edge(tmp_path: Path) -> None:
    town = square()
    town.way("ABZ")
    town.way("BC")
    assert metres(town, tmp_path, "A", "C") == 2000


def test_points_on_one_street_are_reached_along_it(tmp_path: Path) -> None:
    town = square()
    town.way("ABCDA", oneway="yes")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    travel = network.travel([at(200, 0), at(700, 0), at(200, 0)])
    assert travel.distance_m.tolist() == [[0, 500, 0], [3500, 0, 3500], [0, 500, 0]]


def test_the_way_from_the_door_to_the_road_counts(tmp_path: Path) -> None:
    town = square()
    town.way("AB")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    travel = network.travel([at(0, 100), at(1000, 50)])
    assert travel.distance_m[0, 1] == 1150
    assert travel.duration_s[0, 0, 1] == 1000 / 25 * 3.6 + 150 / 5 * 3.6


def test_rush_hours_have_slices_of_their_own(tmp_path: Path) -> None:
    town = square()
    town.way("AB", highway="primary", maxspeed="50")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    points = [at(0, 0), at(1000, 0)]
    night, morning = 0, 8 * 3600
    travel = network.travel(points, (night, morning, 9 * 3600, 21 * 3600))
    free = int(network.travel(points).duration_s[0, 0, 1])
    taken = travel.duration_s[:, 0, 1].tolist()
    assert travel.since_s == (night, morning, 9 * 3600, 21 * 3600)
    assert taken[1] > taken[2] > taken[0] >= taken[3] == free
    assert taken[1] == round(free / 0.68)
    # The same hours told by a clock that starts at six.
    later = network.travel(points, (-6 * 3600, 2 * 3600, 3 * 3600), midnight_s=-6 * 3600)
    assert later.duration_s[1, 0, 1] == taken[1]


def test_a_way_is_drawn_from_door_to_door(tmp_path: Path) -> None:
    town = square()
    town.way("AB")
    town.way("BC")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    line = network.way(at(200, 30), at(970, 600))
    wanted = [at(200, 30), at(200, 0), at(1000, 0), at(1000, 600), at(970, 600)]
    assert np.allclose(line, wanted, atol=1e-6)
    assert np.allclose(network.way(at(700, 0), at(300, 0)), [at(700, 0), at(300, 0)], atol=1e-6)


def test_its_source_is_named(tmp_path: Path) -> None:
    town = square()
    town.way("AB")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    assert "town.osm" in network.travel([at(0, 0)]).source
    assert "OpenStreetMap contributors" in network.source


@pytest.mark.parametrize("point", [(float("nan"), 8.0), (91.0, 8.0), (50.0, 181.0)])
def test_a_point_that_is_no_place_is_refused(tmp_path: Path, point: tuple[float, float]) -> None:
    town = square()
    town.way("AB")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    with pytest.raises(ValueError, match="point 1: "):
        network.travel([at(0, 0), point])


@pytest.mark.parametrize("since_s", [(), (5, 5), (9, 3)])
def test_slices_must_follow_each_other(tmp_path: Path, since_s: tuple[int, ...]) -> None:
    town = square()
    town.way("AB")
    with pytest.raises(ValueError, match="one after the other"):
        RoadNetwork.open(town.write(tmp_path), VAN).travel([at(0, 0)], since_s)


def test_no_points_have_no_travel(tmp_path: Path) -> None:
    town = square()
    town.way("AB")
    assert RoadNetwork.open(town.write(tmp_path), VAN).travel([]).places == 0


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


def test_places_by_chance_lie_on_roads_that_are_used(tmp_path: Path) -> None:
    town = square()
    town.way("ABCDA")
    town.node("O", 300, -400)
    town.way("AO", oneway="yes")
    network = RoadNetwork.open(town.write(tmp_path), VAN)
    places = network.places(50, np.random.default_rng(1))
    assert len(set(places)) == 50
    assert network.snap(places).distance_m.max() < 0.1
    assert places == network.places(50, np.random.default_rng(1))


def test_roads_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    town = square()
    town.way("AB", oneway="yes")
    with pytest.raises(ExtractError, match="come back"):
        RoadNetwork.open(town.write(tmp_path), VAN)

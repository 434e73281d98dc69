"""Metres, seconds and lines are those of a van's quickest ways."""

from pathlib import Path

import numpy as np
import pytest

from routing.road.network import RoadNetwork
from routing.road.profile import VAN
from routing.road.snap import Unreachable
from tests.routing.road.town import ROAD, at, metres, square


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

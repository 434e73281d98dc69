"""Straight lines stand in for roads, and say so."""

import numpy as np
import pytest

from routing.road.straight import straight_travel

BERLIN, HAMBURG = (52.52, 13.405), (53.5511, 9.9937)


def test_a_straight_line_is_the_great_circle_times_the_detour() -> None:
    travel = straight_travel([BERLIN, HAMBURG], detour=1.0, speed_kmh=100)
    assert abs(int(travel.distance_m[0, 1]) - 255_300) < 500
    assert travel.duration_s[0, 0, 1] == pytest.approx(travel.distance_m[0, 1] * 3.6 / 100, abs=1)
    longer = straight_travel([BERLIN, HAMBURG], detour=1.5)
    assert longer.distance_m[0, 1] == pytest.approx(1.5 * travel.distance_m[0, 1], abs=1)


def test_the_lines_are_alike_both_ways_and_nothing_to_oneself() -> None:
    travel = straight_travel([BERLIN, HAMBURG, (0.0, 180.0), (0.0, -180.0)])
    assert (travel.distance_m == travel.distance_m.T).all()
    assert (np.diag(travel.distance_m) == 0).all()
    assert travel.distance_m[2, 3] == 0


def test_the_source_says_that_no_roads_were_known() -> None:
    source = straight_travel([BERLIN], detour=1.4, speed_kmh=25).source
    assert source == "straight lines x 1.4 at 25 km/h; no roads were known"


def test_no_points_have_no_travel() -> None:
    assert straight_travel([]).places == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"detour": 0.9},
        {"detour": float("nan")},
        {"speed_kmh": 0},
        {"speed_kmh": -3},
        {"speed_kmh": float("inf")},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"detour|speed"):
        straight_travel([BERLIN], **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "point", [(float("nan"), 0.0), (0.0, float("inf")), (-90.1, 0.0), (0.0, 180.1)]
)
def test_a_point_that_is_no_place_is_named(point: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="the church"):
        straight_travel([BERLIN, point], names=["the depot", "the church"])

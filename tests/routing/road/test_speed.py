"""Limits of speed in all the ways that they are written, and hours that slow roads."""

import numpy as np
import pytest

from routing.road.speed import (
    CLASSES,
    DAY_S,
    HOUR_SHARE,
    MAIN_STREET,
    OPEN,
    SIDE_STREET,
    limit_kmh,
    road_kmh,
    share_between,
    surroundings,
)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48.28),
        ("30mph", 48.28),
        ("10 knots", 18.52),
        ("50 km/h", 50),
        ("none", 200),
        ("walk", 5),
        ("DE:urban", 50),
        ("DE:rural", 100),
        ("FR:zone30", 30),
        ("FR:zone:30", 30),
        ("DE-BY:urban", 50),
        ("GB:nsl_dual", 113),
        ("RO:trunk", 100),
        ("XX:urban", 50),
        ("DE:living_street", 5),
        ("70;50", 50),
        ("signals", None),
        ("", None),
        ("0", None),
        ("fast", None),
        ("50 leagues", None),
    ],
)
def test_a_limit_is_read(text: str, kmh: float | None) -> None:
    found = limit_kmh(text)
    assert found == (None if kmh is None else pytest.approx(kmh, abs=0.01))


@pytest.mark.parametrize("highway", CLASSES)
def test_every_road_is_driven_no_faster_than_its_limit_or_the_vehicle(highway: str) -> None:
    assert 0 < road_kmh(highway, None, destination=False, top_kmh=90) <= 90
    assert road_kmh(highway, 30.0, destination=False, top_kmh=90) <= 30
    assert road_kmh(highway, None, destination=True, top_kmh=90) <= 12


def test_a_road_lies_in_a_town_where_it_is_slow() -> None:
    assert surroundings("motorway", 50) == OPEN
    assert surroundings("primary", 75) == OPEN
    assert surroundings("primary", 40) == MAIN_STREET
    assert surroundings("residential", 25) == SIDE_STREET


def test_hours_slow_and_never_speed_up() -> None:
    assert HOUR_SHARE.shape == (3, 24)
    assert (HOUR_SHARE <= 1).all() and (HOUR_SHARE >= 0.5).all()
    rush = HOUR_SHARE[:, 8]
    assert rush[MAIN_STREET] < rush[SIDE_STREET] < rush[OPEN] < 1


def test_a_slice_takes_the_mean_of_its_hours() -> None:
    eight, nine = HOUR_SHARE[:, 8], HOUR_SHARE[:, 9]
    assert np.allclose(share_between(8 * 3600, 9 * 3600), eight)
    assert np.allclose(share_between(8 * 3600 + 1800, 9 * 3600 + 1800), (eight + nine) / 2)
    assert np.allclose(share_between(8 * 3600 + 60, 8 * 3600 + 61), eight)
    assert np.allclose(share_between(0, DAY_S), HOUR_SHARE.mean(axis=1))
    assert np.allclose(share_between(DAY_S + 8 * 3600, DAY_S + 9 * 3600), eight)
    assert np.allclose(share_between(-16 * 3600, -15 * 3600), eight)

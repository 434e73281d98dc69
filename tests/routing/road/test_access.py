"""Signs of height and weight in all the ways that they are written, and who is let in."""

import pytest

from routing.road.access import (
    CLOSED,
    DESTINATION,
    FREE,
    Tags,
    access_of,
    directions,
    fits,
    measure,
)
from routing.road.profile import CAR, VAN, Profile, van


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", 3.5),
        ("3,5 t", 3.5),
        ("2.8 m", 2.8),
        ("280 cm", 2.8),
        ("12'6\"", 3.81),
        ("12'", 3.6576),
        ("12 ft", 3.6576),
        ("3500 kg", 3.5),
        ("7000 lbs", 3.175),
        ("none", None),
        ("default", None),
        ("below_default", None),
    ],
)
def test_a_measure_is_read(text: str, value: float | None) -> None:
    found = measure(text)
    assert found == (None if value is None else pytest.approx(value, abs=0.001))


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({}, None),
        ({"access": "yes"}, FREE),
        ({"access": "no"}, CLOSED),
        ({"access": "unknown"}, None),
        ({"access": "no", "vehicle": "destination"}, DESTINATION),
        ({"vehicle": "yes", "motor_vehicle": "private"}, CLOSED),
        ({"motor_vehicle": "no", "motorcar": "yes"}, FREE),
        ({"motorcar": "yes", "goods": "no"}, CLOSED),
        ({"access": "agricultural;delivery"}, DESTINATION),
        ({"bus": "yes", "bicycle": "no"}, None),
    ],
)
def test_the_most_particular_sign_decides(tags: Tags, said: int | None) -> None:
    assert access_of(tags, VAN) == said


@pytest.mark.parametrize(
    ("tags", "both"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "true"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"junction": "roundabout"}, (True, False)),
        ({"junction": "roundabout", "oneway": "-1"}, (False, True)),
        ({"junction": "circular", "oneway": "no"}, (True, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway_link"}, (True, True)),
    ],
)
def test_a_direction_is_open_unless_a_tag_closes_it(tags: Tags, both: tuple[bool, bool]) -> None:
    assert directions({"highway": "primary", **tags}) == both


def test_signs_are_heeded_by_those_who_are_too_large() -> None:
    assert fits({"maxheight": "2.8", "maxweight": "3.5"}, VAN)
    assert not fits({"maxheight": "2.7"}, VAN)
    assert fits({"maxheight": "2.7"}, van(height_m=2.5))
    assert not fits({"maxweight": "3.5"}, van(weight_t=7.5))
    assert fits({"maxheight": "below_default"}, VAN)


@pytest.mark.parametrize(
    "wrong", [{"top_kmh": 0}, {"height_m": -1}, {"weight_t": float("nan")}, {"u_turn_s": -1}]
)
def test_a_vehicle_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    fields = {name: getattr(CAR, name) for name in Profile.__slots__}
    with pytest.raises(ValueError, match="profile car"):
        Profile(**{**fields, **wrong})

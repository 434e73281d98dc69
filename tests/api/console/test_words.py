"""How the console writes things."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.console.words import Scene, duration, event_name, facts, metres, milliseconds, percent

NOON = datetime(2010, 12, 1, 12, 0, tzinfo=UTC)
UTC_SCENE = Scene(NOON, UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (3_660, "1 h 01 min"), (90_000, "1 d 1 h")],
)
def test_a_length_of_time_is_written_in_two_units_at_most(seconds: int, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


def test_moments_are_those_of_the_warehouse_s_clock() -> None:
    scene = Scene(NOON, ZoneInfo("Europe/Berlin"))
    assert scene.time(NOON) == "13:00:00"
    assert scene.time(NOON - timedelta(days=1)) == "30 Nov 13:00:00"


def test_what_is_not_known_is_a_dash() -> None:
    assert {metres(None), milliseconds(None), percent(None)} == {"–"}


def test_what_came_from_outside_is_escaped() -> None:
    assert "<" not in facts({"reason": "<b>no</b>"}, UTC_SCENE) + event_name("order.<b>")


def test_facts_are_said_as_planners_say_them() -> None:
    data: dict[str, object] = {
        "fulfilment_order_id": 7,
        "wave_id": 3,
        "until": "2010-12-02T08:00:00.050249+00:00",
        "verified": True,
        "sources": [{"reason": "the nearest", "fulfilment_order_id": 7}],
        "note": "",
        "kind": "no_carton",
        "reason": "Nothing fits.",
    }
    assert facts(data, UTC_SCENE) == (
        "wave 3 · until 02 Dec 08:00:00 · verified yes · from the nearest · kind no carton"
        " · Nothing fits."
    )

"""Limits of steps as supervisors read and write them."""

from datetime import UTC, datetime, timedelta

import pytest

from api.console.limit import draw, kinds_of, length_of, span
from api.console.words import Scene
from wms.handoff.sop import Step

SCENE = Scene(datetime(2010, 12, 1, 8, 26, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45 min", 2_700),
        ("2 h", 7_200),
        ("1 d 12 h", 129_600),
        (" 90S ", 90),
        ("1h30min", 5_400),
        ("", None),
        ("soon", None),
        ("2", None),
        ("2 hours", None),
        ("-1 h", None),
        ("1.5 h", None),
    ],
)
def test_a_time_is_read_as_it_is_written_or_not_at_all(text: str, seconds: int | None) -> None:
    assert length_of(text) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [1, 60, 90, 3_600, 5_400, 86_400, 129_601, 7_776_000])
def test_a_time_that_is_shown_can_be_written_again(seconds: int) -> None:
    assert length_of(span(seconds)) == timedelta(seconds=seconds)


def test_every_kind_of_hold_is_listed_with_its_own_time_until_it_has_a_limit() -> None:
    rows = [
        {"step": step.value, "kind": kind, "role": "planner", "limit_s": 900, "escalate_s": 60,
         "changed_by": "staff:<b>Sue</b>", "changed_at": SCENE.now}
        for step in Step for kind in ([""] if step is not Step.TICKET else kinds_of(step))
    ]  # fmt: skip
    page = draw(rows, True, SCENE)  # type: ignore[arg-type]
    for step in Step:
        for kind in kinds_of(step):
            assert f'data-key="{step}/{kind}"' in page
    assert "as all holds" in page
    assert "supervisor, 1 min later" in page
    assert "<b>Sue" not in page

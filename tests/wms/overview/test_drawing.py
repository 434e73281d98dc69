"""The page of states is drawn from the tables, all of them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from wms.overview.drawing import DRAWINGS, Drawing, state_page

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "states.md"


def by_title(drawing: Drawing) -> str:
    return drawing.title


def test_the_page_in_the_documentation_is_drawn_from_the_tables() -> None:
    assert PAGE.read_text("utf-8") == state_page(), "write docs/states.md anew: see its text"


def test_no_table_of_states_is_left_out() -> None:
    tables = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "wms").rglob("*.py"))
        if re.search(r"^MOVES\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert sorted(drawing.file for drawing in DRAWINGS) == tables


@pytest.mark.parametrize("drawing", DRAWINGS, ids=by_title)
def test_a_drawing_shows_every_move_and_every_end(drawing: Drawing) -> None:
    page = state_page([drawing])
    assert drawing.moves and drawing.ends
    assert all(f"    {state} --> {to}: {event}\n" in page for (state, event), to in drawing.moves)
    assert all(f"    {state} --> [*]\n" in page for state in drawing.ends)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=by_title)
def test_every_state_can_be_reached_from_a_start(drawing: Drawing) -> None:
    reached = set(drawing.starts)
    for _ in drawing.moves:
        reached |= {to for (state, _), to in drawing.moves if state in reached}
    assert reached >= {state for (state, _), _ in drawing.moves} | set(drawing.ends)


def test_a_table_that_changes_changes_its_drawing() -> None:
    first = DRAWINGS[0]
    assert state_page([replace(first, moves=first.moves[1:])]) != state_page([first])

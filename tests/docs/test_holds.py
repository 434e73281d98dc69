"""The page of holds says what the code says."""

from datetime import timedelta

from tests.docs.text import ROOT, table
from wms.orders.hold import APPROVALS, CARE, OTHERWISE, Care

PAGE = ROOT / "docs/holds.md"


def _lasts(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


def _row(name: str, care: Care) -> str:
    return f"| {name} | {care.owned_by} | {_lasts(care.lasts)} | {care.about} |"


def test_every_kind_of_hold_is_listed_with_its_owner_and_time() -> None:
    rows = [_row(f"`{kind}`", care) for kind, care in CARE.items()]
    shown = table(PAGE, "holds").splitlines()[2:]
    assert shown == [*rows, _row("any other", OTHERWISE)]


def test_every_kind_of_approval_is_listed_with_who_approves() -> None:
    rows = [_row(f"`{kind}`" if kind else "none", care) for kind, care in APPROVALS.items()]
    assert table(PAGE, "approvals").splitlines()[2:] == rows

"""The project's copy of the invoices."""

import gzip
from itertools import pairwise
from pathlib import Path

from sim.scenario.cut import COPY, LAST_DAY, cut_copy
from sim.scenario.invoice import Kind, read_invoices


def test_cutting_the_copy_again_changes_no_byte(tmp_path: Path) -> None:
    cut_copy(COPY, tmp_path / "again.csv.gz")
    assert (tmp_path / "again.csv.gz").read_bytes() == COPY.read_bytes()


def test_rows_after_the_last_day_are_left_out(tmp_path: Path) -> None:
    source = tmp_path / "source.csv.gz"
    with gzip.open(COPY, "rt", encoding="utf-8") as text:
        header = next(text)
    rows = ['1,22423,"A, B",1,2010-12-13T17:40,1.0,,France', "2,22423,X,1,2010-12-14T08:00,1.0,,X"]
    with gzip.open(source, "wt", encoding="utf-8") as text:
        text.write(header + "\n".join(rows) + "\n")
    assert cut_copy(source, tmp_path / "copy.csv.gz") == 1
    (invoice,) = read_invoices(tmp_path / "copy.csv.gz")
    assert invoice.number == "1"
    assert invoice.lines[0].description == "A, B"


def test_the_copy_holds_a_thousand_orders_up_to_the_last_day() -> None:
    invoices = read_invoices()
    orders = [one for one in invoices if one.kind in (Kind.ORDER, Kind.CHARGE_LINES)]
    assert len(orders) >= 1_000
    assert max(one.at for one in invoices).date().isoformat() == LAST_DAY
    assert all(one.at <= later.at for one, later in pairwise(invoices))

"""Files of what came after a forecast was made."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.archive import Archive
from forecasting.error import FileRefused
from forecasting.forecast import forecast
from forecasting.history import Frequency
from forecasting.request import Request
from forecasting.sequel import Sequel, moved_on, read_open, read_sequel
from tests.forecasting.builders import history

HEAD = "unique_id,ds,y\n"


def archive(frequency: Frequency = Frequency.DAY) -> Archive:
    """Two series until 2024-02-09, or as many weeks or months."""
    past = replace(history(np.full((2, 40), 6.0), frequency), series=("A", "B"))
    return Archive(forecast(past, Request(3, 3)), zeros=False, protected=True)


def read(
    folder: Path, rows: str, archived: Archive | None = None, *, zeros: bool = False
) -> Sequel:
    path = folder / "new.csv"
    path.write_text(rows, "utf-8")
    return read_sequel(path, archived or archive(), zeros=zeros)


def refusal(folder: Path, rows: str, archived: Archive | None = None) -> str:
    with pytest.raises(FileRefused) as why:
        read(folder, rows, archived)
    return str(why.value)


def test_rows_find_their_series_and_a_series_without_a_row_is_unknown(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "B,2024-02-11,4\nB,2024-02-10,3\n")
    assert found.starts.astype(str).tolist() == ["2024-02-10", "2024-02-11"]
    assert np.isnan(found.demand[0]).all()
    assert found.demand[1].tolist() == [3, 4]
    assert found.rowless == 1


def test_where_no_row_is_no_order_a_series_without_a_row_sold_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "B,2024-02-10,3\nA,2024-02-11,\n", zeros=True)
    assert found.demand[1].tolist() == [3, 0]
    assert found.demand[0][0] == 0 and np.isnan(found.demand[0][1])


def test_out_of_stock_and_closed_are_unknown(tmp_path: Path) -> None:
    rows = "unique_id,ds,y,available,open\nA,2024-02-10,3,0.75,1\nA,2024-02-11,0,0,1\n"
    found = read(tmp_path, rows + "A,2024-02-12,0,1,0\n")
    assert found.demand[0][0] == pytest.approx(4)
    assert np.isnan(found.demand[0][1:]).all()


def test_a_period_known_to_be_closed_when_it_was_ahead_is_unknown(tmp_path: Path) -> None:
    kept = replace(archive(), open=np.array([[False, True, False]] * 2))
    since = read(tmp_path, HEAD + "A,2024-02-10,0\nB,2024-02-10,0\n", kept)
    assert np.isnan(since.demand).all()
    moved = moved_on(kept, since)
    assert moved.open is not None and moved.open.tolist() == [[True, False]] * 2
    assert moved.forecast.mean[0] == pytest.approx([6, 0, 6])


def test_a_file_tells_which_periods_ahead_are_open(tmp_path: Path) -> None:
    since = read(tmp_path, HEAD + "A,2024-02-10,6\nB,2024-02-10,6\n")
    path = tmp_path / "ahead.csv"
    path.write_text("unique_id,ds,open\nA,2024-02-10,0\nA,2024-02-12,0\nZ,2024-02-12,0\n", "utf-8")
    open = read_open(path, archive(), since)
    assert open.tolist() == [[True, False], [True, True]]
    moved = moved_on(archive(), since, open).forecast
    assert moved.mean.tolist() == [pytest.approx([6, 0, 6]), pytest.approx([6, 6, 6])]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("A,2024-02-10,1\nC,2024-02-10,1\n", "line 3, column unique_id: expected a series that"),
        ("A,2024-02-09,1\n", "line 2, column ds: expected a day after 2024-02-09, which the state"),
        ("A,2024-02-11,1\n", "column ds: expected rows of 2024-02-10, the next period, found none"),
        ("A,2024-02-10,1\nA,2024-02-10,1\n", "line 3: expected one row for each unique_id and ds"),
        ("A,2024-02-10,-1\n", "line 2, column y: expected a number from 0 to 1e+12, found '-1'"),
        ("A,2090-02-10,1\nA,2024-02-10,1\n", "column ds: expected at most 20000 periods"),
        ("", "line 2: expected a row of demand, found none"),
    ],
)
def test_what_does_not_follow_on_is_refused(rows: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(tmp_path, HEAD + rows)


def test_weeks_and_months_follow_on_as_they_are(tmp_path: Path) -> None:
    weeks = archive(Frequency.WEEK)
    last = weeks.forecast.state.last
    assert "expected a date whole weeks after" in refusal(
        tmp_path, HEAD + f"A,{last + np.timedelta64(8, 'D')},1\n", weeks
    )
    assert read(tmp_path, HEAD + f"A,{last + np.timedelta64(7, 'D')},1\n", weeks).rowless == 1
    months = archive(Frequency.MONTH)
    assert "the first day of a month" in refusal(tmp_path, HEAD + "A,2027-05-02,1\n", months)
    assert read(tmp_path, HEAD + "A,2027-05-01,1\nB,2027-05-01,2\n", months).rowless == 0

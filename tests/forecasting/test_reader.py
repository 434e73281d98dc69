"""Files of demand: what is read, and what is refused with line, column and what was expected."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.error import FileRefused
from forecasting.history import Frequency
from forecasting.reader import Gap, Read, read_history

HEAD = "unique_id,ds,y\n"


def read(
    folder: Path,
    text: str,
    frequency: Frequency = Frequency.DAY,
    *,
    future: str | None = None,
    gap: Gap = Gap.AUTO,
) -> Read:
    path = folder / "sales.csv"
    path.write_text(text, "utf-8")
    ahead = None
    if future is not None:
        ahead = folder / "future.csv"
        ahead.write_text(future, "utf-8")
    return read_history(path, frequency, ahead, gap)


def refusal(folder: Path, text: str, frequency: Frequency = Frequency.DAY) -> str:
    with pytest.raises(FileRefused) as refused:
        read(folder, text, frequency)
    return str(refused.value)


def test_rows_in_any_order_become_one_row_a_series(tmp_path: Path) -> None:
    text = HEAD + "B,2026-01-02,4\nA,2026-01-01,1\nB,2026-01-01,3\nA,2026-01-02,0\n"
    history = read(tmp_path, text).history
    assert history.series == ("B", "A")
    assert history.demand.tolist() == [[3, 4], [1, 0]]
    assert history.starts.astype(str).tolist() == ["2026-01-01", "2026-01-02"]


def test_names_that_look_like_numbers_stay_names(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "007,2026-01-01,1\n").history.series == ("007",)


def test_an_empty_demand_and_a_period_before_the_first_row_are_unknown(tmp_path: Path) -> None:
    text = HEAD + "A,2026-01-01,0\nA,2026-01-02,\nB,2026-01-02,5\n"
    history = read(tmp_path, text).history
    assert np.isnan(history.demand).tolist() == [[False, True], [True, False]]


def test_a_missing_row_is_unknown_where_the_file_writes_its_zeros(tmp_path: Path) -> None:
    text = HEAD + "A,2026-01-01,0\nA,2026-01-04,5\n"
    found = read(tmp_path, text)
    assert found.gap is Gap.UNKNOWN
    assert np.isnan(found.history.demand).sum() == 2


def test_a_missing_row_is_no_order_where_the_file_writes_none(tmp_path: Path) -> None:
    text = HEAD + "A,2026-01-01,2\nA,2026-01-04,5\nB,2026-01-03,1\n"
    found = read(tmp_path, text)
    assert found.gap is Gap.ZERO
    assert found.history.demand[0].tolist() == [2, 0, 0, 5]
    assert np.isnan(found.history.demand[1]).tolist() == [True, True, False, False]


def test_what_a_missing_row_means_can_be_said(tmp_path: Path) -> None:
    text = HEAD + "A,2026-01-01,0\nA,2026-01-03,5\n"
    assert read(tmp_path, text, gap=Gap.ZERO).history.demand.tolist() == [[0, 0, 5]]


def test_a_day_out_of_stock_is_unknown_not_zero(tmp_path: Path) -> None:
    text = "unique_id,ds,y,available\nA,2026-01-01,4,1\nA,2026-01-02,0,0\nA,2026-01-03,3,0.75\n"
    demand = read(tmp_path, text).history.demand[0]
    assert demand[0] == 4
    assert np.isnan(demand[1])
    assert demand[2] == pytest.approx(4)


def test_closed_days_are_known_as_such(tmp_path: Path) -> None:
    text = "unique_id,ds,y,open\nA,2026-01-01,4,1\nA,2026-01-02,0,0\n"
    opened = read(tmp_path, text).history.open
    assert opened is not None
    assert opened.tolist() == [[True, False]]


def test_months_and_weeks_are_periods(tmp_path: Path) -> None:
    months = read(tmp_path, HEAD + "A,2026-01-01,0\nA,2026-03-01,2\n", Frequency.MONTH).history
    assert months.starts.astype(str).tolist() == ["2026-01-01", "2026-02-01", "2026-03-01"]
    weeks = read(tmp_path, HEAD + "A,2026-01-07,0\nA,2026-01-21,2\n", Frequency.WEEK).history
    assert weeks.starts.astype(str).tolist() == ["2026-01-07", "2026-01-14", "2026-01-21"]


def test_drivers_are_known_ahead_by_a_file_of_the_future(tmp_path: Path) -> None:
    past = "unique_id,ds,y,price,brand\nA,2026-01-01,4,9.5,own\nA,2026-01-02,6,8,own\n"
    future = "unique_id,ds,price\nA,2026-01-03,7\nZ,2026-01-03,7\nA,2026-01-04,9.5\n"
    history = read(tmp_path, past, future=future).history
    assert history.future == 2
    assert history.drivers["price"].tolist() == [[9.5, 8, 7, 9.5]]
    assert history.attributes == {"brand": ("own",)}


def test_a_driver_that_is_not_known_ahead_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    past = "unique_id,ds,y,price,promo\nA,2026-01-01,4,9.5,0\n"
    found = read(tmp_path, past, future="unique_id,ds,promo\nA,2026-01-02,1\n")
    assert list(found.history.drivers) == ["promo"]
    assert found.notes == ("not used, as future.csv does not have them: price",)


def test_a_driver_without_a_file_of_the_future_tells_of_the_past_only(tmp_path: Path) -> None:
    found = read(tmp_path, "unique_id,ds,y,price\nA,2026-01-01,4,9.5\nA,2026-01-02,4,8\n")
    assert found.history.future == 0
    assert found.history.drivers["price"].tolist() == [[9.5, 8]]
    assert found.remarks() == ("not known ahead, so only of the past: price",)


def test_a_series_that_the_future_does_not_name_keeps_its_last_driver(tmp_path: Path) -> None:
    past = "unique_id,ds,y,price\nA,2026-01-01,4,9.5\nB,2026-01-01,4,7\n"
    found = read(tmp_path, past, future="unique_id,ds,price\nA,2026-01-02,8\n")
    assert found.history.drivers["price"].tolist() == [[9.5, 8], [7, 7]]
    assert found.notes == ("1 series have no row in future.csv: nothing changes there",)


def test_one_period_is_as_long_as_is_said(tmp_path: Path) -> None:
    past, future = HEAD + "A,2026-01-05,4\n", "unique_id,ds\nA,2026-01-12\n"
    assert read(tmp_path, past, Frequency.WEEK, future=future).history.future == 1


def test_parquet_is_read_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "unique_id": ["A", "A"],
            "ds": pd.to_datetime(["2026-01-01", "2026-01-02"]),
            "y": [1, 2],
            "deal": [True, False],
        }
    )
    frame.to_parquet(tmp_path / "sales.parquet")
    history = read_history(tmp_path / "sales.parquet", Frequency.DAY).history
    assert history.demand.tolist() == [[1, 2]]
    assert history.drivers["deal"].tolist() == [[1, 0]]
    frame.set_index(["unique_id", "ds"]).to_parquet(tmp_path / "indexed.parquet")
    indexed = read_history(tmp_path / "indexed.parquet", Frequency.DAY).history
    assert indexed.demand.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sales.csv, line 1: expected a heading, found an empty file"),
        ("unique_id,ds\nA,2026-01-01\n", "line 1: expected a column 'y', found unique_id, ds"),
        (HEAD, "line 2: expected a row of demand, found none"),
        (HEAD.replace(",", ";"), "line 1: expected columns separated by commas, found ';'"),
        (
            HEAD + "A,2026-01-01,3\nA,2026-01-02,-1\n",
            "line 3, column y: expected a number from 0 to",
        ),
        (
            HEAD + "A,2026-01-01,many\n",
            "line 2, column y: expected a number from 0 to 1e+12, found 'm",
        ),
        (HEAD + "A,2026-01-01,1e300\n", "expected a number from 0 to 1e+12, found '1e300'"),
        (HEAD + "A,2026-01-01,1,5\n", "line 2: expected 3 cells, as the heading has, found 4"),
        (HEAD + "A,2026-01-01,1\nA,2026-01-02,1,,\n", "line 3: expected 3 cells, as the heading"),
        ("unique_id,ds,y,y\nA,2026-01-01,1,2\n", "line 1: expected each column once, found 'y'"),
        (HEAD + '"A,2026-01-01,1\n', "its lines: expected CSV, found"),
        (
            HEAD + "A,2026-01-01,inf\n",
            "line 2, column y: expected a number from 0 to 1e+12, found 'inf",
        ),
        (HEAD + "A,01.02.2026,1\n", "column ds: expected a date like 2026-01-31, found '01.02"),
        (HEAD + "A,2026-02-30,1\n", "column ds: expected a date like 2026-01-31, found '2026-02"),
        (HEAD + "A,9999-12-31,1\n", "column ds: expected a year from 1900 to 2100, found '9999"),
        (HEAD + "A,2026-01-01T09:30,1\n", "line 2, column ds: expected a date like"),
        (HEAD + "A,,1\n", "line 2, column ds: expected a date like 2026-01-31, found nothing"),
        (HEAD + ",2026-01-01,1\n", "line 2, column unique_id: expected a name, found nothing"),
        (
            HEAD + "A,2026-01-01,1\nB,2026-01-01,1\nA,2026-01-01,2\n",
            "line 4: expected one row for each unique_id and ds, found A twice, first in line 2",
        ),
        (
            "unique_id,ds,y,available\nA,2026-01-01,1,2\n",
            "line 2, column available: expected a number from 0 to 1, found '2'",
        ),
        (
            "unique_id,ds,y,brand\nA,2026-01-01,1,own\nA,2026-01-02,1,other\n",
            "line 3, column brand: expected a number, or one text for all rows of a unique_id",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_dates_between_the_periods_are_refused(tmp_path: Path) -> None:
    days = HEAD + "A,2026-01-05,1\nA,2026-01-13,1\n"
    expected = "line 3, column ds: expected a date whole weeks after 2026-01-05, found 2026-01-13"
    assert expected in refusal(tmp_path, days, Frequency.WEEK)
    expected = "line 2, column ds: expected the first day of a month, found 2026-01-05"
    assert expected in refusal(tmp_path, days, Frequency.MONTH)


def test_many_faults_are_counted_and_the_first_are_told(tmp_path: Path) -> None:
    rows = "".join(f"A,2026-01-{day:02},x\n" for day in range(1, 29))
    said = refusal(tmp_path, HEAD + rows).splitlines()
    assert len(said) == 11
    assert said[-1] == "sales.csv: 18 more"


def test_other_files_are_refused(tmp_path: Path) -> None:
    for name, content, said in (
        ("sales.xlsx", b"PK", "expected an ending .csv or .parquet, found .xlsx"),
        ("sales.parquet", b"PAR0", "expected Parquet"),
        ("sales.csv", "unique_id,ds,y\nÄ,2026-01-01,1\n".encode("latin-1"), "text in UTF-8"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(FileRefused, match=said):
            read_history(path, Frequency.DAY)


def test_a_row_of_the_future_that_stands_there_twice_is_named_by_its_line(tmp_path: Path) -> None:
    past = "unique_id,ds,y,price\nA,2026-01-01,4,9.5\n"
    rows = "Z,2026-01-02,8\nA,2026-01-01,8\nA,2026-01-02,8\nA,2026-01-02,7\n"
    with pytest.raises(
        FileRefused, match=r"line 5: expected one .* found A twice, first in line 4"
    ):
        read(tmp_path, past, future="unique_id,ds,price\n" + rows)


def test_lines_are_counted_where_a_name_goes_over_several(tmp_path: Path) -> None:
    text = HEAD + '"A\nB",2026-01-01,1\nC,2026-01-01,x\n'
    assert "line 4, column y: expected a number" in refusal(tmp_path, text)


def test_names_that_parquet_keeps_as_bytes_are_text(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    day = pd.to_datetime(["2026-01-01", "2026-01-02"])
    pd.DataFrame({"unique_id": ["Ä".encode()] * 2, "ds": day, "y": [1, 2]}).to_parquet(path)
    assert read_history(path, Frequency.DAY).history.series == ("Ä",)
    pd.DataFrame({"unique_id": [b"\xc4"] * 2, "ds": day, "y": [1, 2]}).to_parquet(path)
    with pytest.raises(FileRefused, match="column unique_id: expected text in UTF-8"):
        read_history(path, Frequency.DAY)

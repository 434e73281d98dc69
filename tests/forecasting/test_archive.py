"""Forecasts kept in files."""

import json
import zipfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecasting.archive import Archive, read_archive, write_archive
from forecasting.error import FileRefused
from forecasting.forecast import forecast
from forecasting.request import Request
from tests.forecasting.builders import history, sales


def archive() -> Archive:
    past = replace(history(sales(5, 40)), series=("红茶壶", "a,b", 'with "quotes"', "c\nd", " e"))
    return Archive(forecast(past, Request(4, 3, (0.5, 0.9))), zeros=True, protected=True)


def same(one: Any, other: Any) -> bool:
    """Whether two frozen objects hold the same to the last bit."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            if a.dtype != b.dtype or not np.array_equal(a, b):
                return False
        elif hasattr(a, "__dataclass_fields__"):
            if not same(a, b):
                return False
        elif a != b:
            return False
    return True


def changed(path: Path, **changes: object) -> Path:
    """The same file with other words in its head."""
    with np.load(path) as file:
        arrays = dict(file)
    head = json.loads(arrays["head"].tobytes()) | changes
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    with path.open("wb") as out:
        np.savez(out, **arrays)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as why:
        read_archive(path)
    return str(why.value)


def test_what_was_written_is_read_to_the_last_bit(tmp_path: Path) -> None:
    path, kept = tmp_path / "s.npz", archive()
    write_archive(kept, path)
    assert same(read_archive(path), kept)
    closed = replace(kept, open=np.array([[True, False]] * 5), zeros=False, protected=False)
    write_archive(closed, path)
    assert same(read_archive(path), closed)
    assert [each.name for each in tmp_path.iterdir()] == ["s.npz"]


def test_the_same_forecast_is_the_same_file(tmp_path: Path) -> None:
    for name in "ab":
        write_archive(archive(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_of_another_version_is_refused_by_its_version(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    write_archive(archive(), path)
    assert refusal(changed(path, version=2)) == (
        "s.npz, its version: expected 1, found 2; forecast the whole history anew"
    )


@pytest.mark.parametrize(
    "content", [b"", b"unique_id,ds,y\n", b"PK\x03\x04", b"\x93NUMPY", b"\x80\x04N."]
)
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    path.write_bytes(content)
    assert "s.npz, the file: expected a state as --state writes it" in refusal(path)


def test_another_archive_is_refused_and_nothing_in_it_is_run(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    np.savez(path, a=np.zeros(3))
    assert "expected a state" in refusal(path)
    np.savez(path, head=np.array([{"format": 1}], dtype=object))
    assert "expected a state" in refusal(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("head.npy", b"no array")
    assert "expected a state" in refusal(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"horizon": 5},
        {"horizon": "x"},
        {"quantiles": [0.5]},
        {"quantiles": [0.9, 0.5]},
        {"frequency": "H"},
        {"last": "never"},
        {"last": "NaT"},
        {"phases": 6},
        {"phases": 0},
        {"season": []},
    ],
)
def test_a_head_that_does_not_fit_is_refused(changes: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    write_archive(archive(), path)
    assert "expected a state" in refusal(changed(path, **changes))


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("mean", (0, 0), np.nan),
        ("mean", (0, 0), -1.0),
        ("quantiles", (0, 0, 0), 1e9),
        ("interval", (0, 0), -1.0),
        ("kernel", (0,), 9),
        ("demand_class", (0,), -1),
        ("series_code", (0,), 99),
        ("series_size", (0,), 999),
        ("series_code", (0,), 1),
    ],
)
def test_a_figure_that_cannot_be_is_refused(
    name: str, at: tuple[int, ...], value: float, tmp_path: Path
) -> None:
    path = tmp_path / "s.npz"
    write_archive(archive(), path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays[name][at] = value
    np.savez(path, **arrays)
    assert "expected a state" in refusal(path)


def test_a_damaged_file_is_refused_or_the_same(tmp_path: Path) -> None:
    path, kept = tmp_path / "s.npz", archive()
    write_archive(kept, path)
    whole, rng = path.read_bytes(), np.random.default_rng(7)
    refused = 0
    for at in rng.integers(0, len(whole), 150).tolist():
        hurt = bytearray(whole)
        hurt[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(hurt) if at % 3 else whole[:at])
        try:
            assert same(read_archive(path), kept)
        except FileRefused:
            refused += 1
    assert refused > 100

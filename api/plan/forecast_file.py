"""The files of a forecast: what is read, and what is written."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile

from api.plan.refusal import PlanRefused
from forecasting.archive import ENDING, Archive, write_archive
from forecasting.error import FileRefused
from forecasting.forecast import Forecast
from forecasting.history import Frequency
from forecasting.holiday import with_holidays
from forecasting.reader import Gap, Read, read_history
from forecasting.request import Request
from forecasting.total import Total
from forecasting.writer import protection_path, total_path, write_forecast, write_protection

TABLES = (".parquet", ".csv")
PICTURES = (".png", ".svg", ".pdf")


def asked(horizon: int, quantiles: str, protection: int | None, season: int | None) -> Request:
    """What is asked for; quantiles are numbers with commas.

    Raises: PlanRefused
    """
    try:
        levels = tuple(float(each) for each in quantiles.split(","))
        return Request(horizon, protection or 1, levels, season)
    except ValueError as error:
        expected = "expected numbers between 0 and 1 that ascend, such as 0.5,0.9,0.95"
        raise PlanRefused(f"--quantiles {quantiles}: {expected}") from error


def read_files(
    file: Path,
    frequency: str,
    future: Path | None,
    gaps: str,
    country: str | None,
    ahead: int,
    by: str | None,
) -> Read:
    """A history, with the drivers of so many periods ahead where a file or a calendar tells them.

    by: an attribute that the file must have.

    Raises: PlanRefused
    """
    for path in (file, future):
        refuse_missing(path)
    try:
        read = read_history(file, Frequency(frequency), future, Gap(gaps))
    except FileRefused as error:
        raise PlanRefused(str(error)) from error
    except OSError as error:
        raise PlanRefused(f"{file}: cannot be read: {error.strerror or error}") from error
    _refuse_attribute(read, by)
    known = read.history.future
    if future is not None and known < ahead:
        raise PlanRefused(
            f"{future.name}: ends after {known} of the {ahead} periods ahead; "
            "fewer with a smaller --horizon and --protection"
        )
    if country is None:
        return read
    try:
        return with_holidays(read, country, ahead)
    except ValueError as error:
        raise PlanRefused(f"--country {country}: {error}") from error


def refuse_missing(path: Path | None) -> None:
    """A file that is to be read is there.

    Raises: PlanRefused
    """
    if path is not None and path.is_dir():
        raise PlanRefused(f"{path}: is a folder, not a file")
    if path is not None and not path.exists():
        raise PlanRefused(f"{path}: there is no such file")


def refuse_outputs(
    out: Path | None, plot: Path | None, state: Path | None, by: str | None, *inputs: Path | None
) -> None:
    """What is to be written can be, has an ending that we write, and is nothing that is read.

    Raises: PlanRefused
    """
    _refuse_ending("--out", out, TABLES)
    _refuse_ending("--plot", plot, PICTURES)
    _refuse_ending("--state", state, (ENDING,))
    read = {path.resolve() for path in inputs if path is not None}
    written = [path for path in (out, plot, state) if path is not None]
    if out is not None:
        tables = [out] if by is None else [out, total_path(out, by)]
        written += [*tables[1:], *map(protection_path, tables)]
    for path in written:
        if path.is_dir():
            raise PlanRefused(f"{path}: is a folder, and a file is to be written there")
        if path.resolve() in read:
            raise PlanRefused(f"{path}: is read, so it is not written over")
        folder = path.absolute().parent
        if not folder.is_dir():
            raise PlanRefused(f"{path}: there is no folder {path.parent} to write it to")
        try:
            # Asked by doing it: rights alone do not tell of a full or a read-only disk.
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise PlanRefused(f"{path}: cannot be written: {error.strerror}") from error


def write_files(found: Forecast | Total, out: Path | None, *, protected: bool) -> list[str]:
    """Writes the forecast, and where asked for its protection interval beside it; their names."""
    if out is None:
        return []
    write_forecast(found, out)
    if not protected:
        return [str(out)]
    beside = protection_path(out)
    write_protection(found, beside)
    return [str(out), str(beside)]


def write_all(
    found: Forecast, totals: Total | None, out: Path | None, *, protected: bool
) -> list[str]:
    """Writes the forecast and the totals that were asked for; their names."""
    files = write_files(found, out, protected=protected)
    if totals is not None and out is not None:
        files += write_files(totals, total_path(out, totals.attribute), protected=protected)
    return files


def write_state(archive: Archive, path: Path | None) -> list[str]:
    """Writes what moves the forecast on when later periods come; its name."""
    if path is None:
        return []
    write_archive(archive, path)
    return [str(path)]


def archived(found: Forecast, read: Read, *, protected: bool) -> Archive:
    """A forecast with how its history was read."""
    history = read.history
    open = None if history.open is None else history.open[:, len(history.starts) :]
    return Archive(found, read.gap is Gap.ZERO, protected, open)


def _refuse_attribute(read: Read, attribute: str | None) -> None:
    if attribute is not None and attribute not in read.history.attributes:
        there = ", ".join(read.history.attributes) or "none"
        raise PlanRefused(f"--by {attribute}: the file has no such column of text; it has {there}")


def _refuse_ending(option: str, path: Path | None, endings: Sequence[str]) -> None:
    if path is not None and path.suffix.lower() not in endings:
        raise PlanRefused(f"{option} {path}: its name should end in {' or '.join(endings)}")

"""A forecast moved on: its state from a file, and what came since from another."""

from pathlib import Path

import numpy as np

from api.plan.forecast_answer import Source
from api.plan.forecast_file import refuse_missing
from api.plan.refusal import PlanRefused
from forecasting.archive import ENDING, Archive, read_archive
from forecasting.error import FileRefused
from forecasting.reader import Gap
from forecasting.sequel import Sequel, moved_on, read_open, read_sequel

LENGTHS = {"D": "days", "W": "weeks", "MS": "months"}
LACKING = {Gap.ZERO: "nothing was ordered of them", Gap.UNKNOWN: "unknown there"}


def read_state(path: Path, frequency: str, horizon: int | None, protection: int | None) -> Archive:
    """A forecast's state, which must be one of what is asked for.

    Raises: PlanRefused
    """
    refuse_missing(path)
    if path.suffix.lower() != ENDING:
        raise PlanRefused(f"--since {path}: its name should end in {ENDING}")
    try:
        archive = read_archive(path)
    except FileRefused as error:
        raise PlanRefused(str(error)) from error
    except OSError as error:
        raise PlanRefused(f"{path}: cannot be read: {error.strerror or error}") from error
    request, has = archive.forecast.request, archive.forecast.state.frequency.value
    if frequency != has:
        raise PlanRefused(f"--freq {frequency}: {path.name} is of {LENGTHS[has]}, {has}")
    wanted = (("horizon", horizon, request.horizon), ("protection", protection, request.protection))
    for name, asked, kept in wanted:
        if asked is not None and asked != kept:
            raise PlanRefused(
                f"--{name} {asked}: {path.name} has {kept}; another one needs the whole history"
            )
    if protection is not None and not archive.protected:
        raise PlanRefused(f"--protection: {path.name} was made without it")
    return archive


def read_since(
    file: Path, future: Path | None, gaps: str, archive: Archive
) -> tuple[Archive, Source]:
    """The forecast with the periods of a file taken in, and what was read.

    future: a file that tells which periods ahead are open.

    Raises: PlanRefused
    """
    for path in (file, future):
        refuse_missing(path)
    gap = Gap(gaps)
    if gap is Gap.AUTO:
        gap = Gap.ZERO if archive.zeros else Gap.UNKNOWN
    try:
        since = read_sequel(file, archive, zeros=gap is Gap.ZERO)
        open = None if future is None else read_open(future, archive, since)
    except FileRefused as error:
        raise PlanRefused(str(error)) from error
    except OSError as error:
        raise PlanRefused(f"{file}: cannot be read: {error.strerror or error}") from error
    notes = _notes(since, archive, gap)
    return moved_on(archive, since, open), Source(since.starts, gap, notes)


def _notes(since: Sequel, archive: Archive, gap: Gap) -> tuple[str, ...]:
    notes = []
    if since.rowless:
        notes.append(f"{since.rowless} series have no row: {LACKING[gap]}")
    kept = int(np.count_nonzero(archive.forecast.state.stand_in))
    if kept:
        notes.append(
            f"{kept} series live from drivers or from their kind: "
            "their forecast is kept until the next fit"
        )
    return tuple(notes)

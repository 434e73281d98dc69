"""Holidays as a driver: how many of them each period holds."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecasting.history import Days, Frequency, following
from forecasting.reader import Read

Floats = NDArray[np.float64]

HOLIDAY = "holiday"


def holiday_driver(starts: Days, frequency: Frequency, country: str, future: int) -> Floats:
    """The holidays in each of t past and `future` coming periods, (t + future,).

    country: a code of ISO 3166-1, with its subdivision after a hyphen where wanted: DE, DE-BY.

    Raises:
        ValueError: no holidays are known of such a country.
    """
    import holidays

    ends = following(starts, frequency, future + 1)
    edges = np.concatenate([starts, ends])
    years = range(_year(edges[0]), _year(edges[-1]) + 1)
    code, _, part = country.upper().partition("-")
    try:
        calendar = holidays.country_holidays(code, subdiv=part or None, years=years)
    except NotImplementedError as error:
        raise ValueError(f"no holidays are known of {country!r}") from error
    days = np.array(sorted(calendar), dtype="datetime64[D]")
    counts = np.diff(np.searchsorted(days, edges))
    return counts.astype(np.float64)


def with_holidays(read: Read, country: str, ahead: int) -> Read:
    """The same, with the holidays of a country as one more driver.

    ahead: periods, where no file of the future says how many.

    Raises:
        ValueError: no holidays are known of such a country.
    """
    history = read.history
    future = history.future or ahead
    notes = read.notes
    if read.past_only:
        names = ", ".join(read.past_only)
        notes = (*notes, f"not used, as holidays are known ahead and they are not: {names}")
    row = holiday_driver(history.starts, history.frequency, country, future)
    drivers = dict(history.drivers) if history.future else {}
    drivers[HOLIDAY] = np.broadcast_to(row, (len(history.series), len(row)))
    opened = history.open
    if opened is not None and opened.shape[1] < len(row):
        more = np.ones((len(opened), len(row) - opened.shape[1]), np.bool_)
        opened = np.concatenate([opened, more], axis=1)
    described = replace(history, drivers=drivers, future=future, open=opened)
    return replace(read, history=described, notes=notes, past_only=())


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970

"""Holidays as a driver: how many of them each period holds."""

import numpy as np
from numpy.typing import NDArray

from forecasting.history import Days, Frequency, following

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


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970

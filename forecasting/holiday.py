"""A history that was read, with the holidays of a country as one more driver."""

from dataclasses import replace

import numpy as np

from forecasting.calendar import HOLIDAY, holiday_driver
from forecasting.reader import Read


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

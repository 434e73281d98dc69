"""Metres and seconds from place to place, by time of day."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# There is no way. Far above any sum of real legs, and far below what int64 overflows by.
FAR = 2**40
# No leg and no moment is longer or later than this; sums of them stay below FAR.
LEG_MAX = 2**31 - 1

Table = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """What lies between P places, in metres and in seconds.

    distance_m: (P, P), whole; FAR where there is no way.
    duration_s: (S, P, P), whole, in each of S slices of the day; FAR where there is no way.
    since_s: (S,), rising: slice k holds from since_s[k] until the next begins; the first holds
        before its beginning as well, the last without end.
    source: what the figures come from, in plain words.

    A file without units has its own for metres and seconds.

    Raises: ValueError when a shape does not fit, or a value is negative or too large.
    """

    distance_m: Table
    duration_s: Table
    since_s: tuple[int, ...] = (0,)
    source: str = "given"

    def __post_init__(self) -> None:
        places = len(self.distance_m)
        if self.distance_m.shape != (places, places):
            raise ValueError(f"distances must be square, not {self.distance_m.shape}")
        shape = (len(self.since_s), places, places)
        if self.duration_s.shape != shape:
            raise ValueError(f"durations must be of shape {shape}, not {self.duration_s.shape}")
        if list(self.since_s) != sorted(set(self.since_s)) or not self.since_s:
            raise ValueError(f"slices of the day must begin one after the other: {self.since_s}")
        for what, table in (("distance", self.distance_m), ("duration", self.duration_s)):
            _refuse_senseless(what, table)

    @property
    def places(self) -> int:
        """How many places there are."""
        return len(self.distance_m)

    @property
    def varies(self) -> bool:
        """Whether the time of day matters."""
        return len(self.since_s) > 1

    def seconds(self, start: int, end: int, leave_s: int, speed_factor: float = 1.0) -> int:
        """How long the way takes for one who leaves then; FAR where there is none.

        A leg that lasts beyond a slice goes on at the next slice's pace, so that whoever leaves
        later never arrives earlier.

        Source: S. Ichoua, M. Gendreau, J.-Y. Potvin (2003), EJOR 144, section 3.
        """
        whole = self.duration_s[:, start, end]
        if whole[0] >= FAR:
            return FAR
        k = max(0, int(np.searchsorted(self.since_s, leave_s, side="right")) - 1)
        todo, gone = 1.0, 0.0
        while True:
            full = float(whole[k]) / speed_factor
            last = k + 1 == len(self.since_s)
            room = float("inf") if last else self.since_s[k + 1] - leave_s - gone
            if full * todo <= room:
                return int(np.ceil(gone + full * todo - 1e-9))
            todo -= room / full
            gone += room
            k += 1


def _refuse_senseless(what: str, table: Table) -> None:
    if table.dtype != np.int64:
        raise ValueError(f"a {what} must be a whole number of 64 bits, not {table.dtype}")
    if table.size and int(table.min()) < 0:
        at = np.unravel_index(int(table.argmin()), table.shape)[-2:]
        raise ValueError(f"the {what} from place {at[0]} to place {at[1]} is negative")
    if np.any((table > LEG_MAX) & (table != FAR)):
        raise ValueError(f"a {what} is above {LEG_MAX}, which no way on earth is")


def whole_table(values: NDArray[np.float64]) -> Table:
    """Rounded to whole units; infinite becomes FAR.

    Raises: ValueError for a value that is no number.
    """
    if np.isnan(values).any():
        at = np.argwhere(np.isnan(values))[0][-2:]
        raise ValueError(f"the way from place {at[0]} to place {at[1]} is not a number")
    endless = np.isinf(values)
    return np.where(endless, FAR, np.rint(np.where(endless, 0, values))).astype(np.int64)

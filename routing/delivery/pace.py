"""How long a leg, or a part of one, takes for one who leaves at a given moment."""

from bisect import bisect_right
from dataclasses import dataclass
from math import ceil

from routing.delivery.travel import FAR, Travel


@dataclass(frozen=True, slots=True)
class Steady:
    """The same at any time of the day."""

    seconds: int

    def arrive(self, leave_s: int) -> int:
        """When one who leaves then is there."""
        return leave_s + self.seconds

    def leave_by(self, arrive_s: int) -> int:
        """The latest whole moment from which one is there in time."""
        return arrive_s - self.seconds

    def bends(self) -> tuple[int, ...]:
        """Moments of leaving at which the pace changes on the way."""
        return ()


@dataclass(frozen=True, slots=True)
class Varying:
    """By time of the day. whole_s: the full leg at each slice's pace; share: how much is driven.

    Source: S. Ichoua, M. Gendreau, J.-Y. Potvin (2003), EJOR 144, section 3.
    """

    whole_s: tuple[float, ...]
    since_s: tuple[int, ...]
    share: float = 1.0

    def arrive(self, leave_s: int) -> int:
        """When one who leaves then is there."""
        since = self.since_s
        k = max(0, bisect_right(since, leave_s) - 1)
        todo, gone = self.share, 0.0
        while True:
            whole = self.whole_s[k]
            room = since[k + 1] - leave_s - gone if k + 1 < len(since) else float("inf")
            if whole * todo <= room:
                return leave_s + ceil(gone + whole * todo - 1e-9)
            todo -= room / whole
            gone += room
            k += 1

    def leave_by(self, arrive_s: int) -> int:
        """The latest whole moment from which one is there in time."""
        low = arrive_s - ceil(max(self.whole_s)) - 1
        high = arrive_s
        while low < high:
            middle = (low + high + 1) // 2
            if self.arrive(middle) <= arrive_s:
                low = middle
            else:
                high = middle - 1
        return low

    def bends(self) -> tuple[int, ...]:
        """Moments of leaving at which the pace changes on the way."""
        return tuple(
            sorted({each for since in self.since_s for each in (since, self.leave_by(since))})
        )

    def driven(self, leave_s: int, until_s: int) -> float:
        """Which share of the full leg one has driven by then."""
        since = self.since_s
        k = max(0, bisect_right(since, leave_s) - 1)
        done, now = 0.0, leave_s
        while now < until_s:
            end = min(until_s, since[k + 1]) if k + 1 < len(since) else until_s
            if self.whole_s[k] == 0:
                return self.share
            done += (end - now) / self.whole_s[k]
            now, k = end, k + 1
        return min(done, self.share)


Pace = Steady | Varying


def pace_of(travel: Travel, start: int, end: int, speed_factor: float) -> Pace | None:
    """How long the leg takes such a vehicle; None where there is no way."""
    if not travel.varies:
        seconds = travel.duration_s.item(0, start, end)
        if seconds >= FAR or travel.distance_m.item(start, end) >= FAR:
            return None
        return Steady(seconds if speed_factor == 1.0 else ceil(seconds / speed_factor - 1e-9))
    whole = travel.duration_s[:, start, end].tolist()
    if whole[0] >= FAR or travel.distance_m.item(start, end) >= FAR:
        return None
    return Varying(tuple(each / speed_factor for each in whole), travel.since_s)


def parted(pace: Pace, leave_s: int, seconds: int) -> tuple[Pace, Pace]:
    """What is driven in so many seconds from then, and the rest of the leg."""
    if isinstance(pace, Steady):
        return Steady(seconds), Steady(pace.seconds - seconds)
    if leave_s + seconds >= pace.arrive(leave_s):
        return pace, Steady(0)
    share = pace.driven(leave_s, leave_s + seconds)
    done = Varying(pace.whole_s, pace.since_s, share)
    return done, Varying(pace.whole_s, pace.since_s, pace.share - share)

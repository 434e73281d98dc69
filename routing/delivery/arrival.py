"""When a customer may expect the vehicle: from when to when, and most likely."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, erf, exp, floor, isfinite, log1p, pi, sqrt

import numpy as np

from routing.delivery.plan import Route, Visit
from routing.delivery.problem import DeliveryProblem
from routing.delivery.stop import Stop

# The day's pace is taken at so many values, with the weights of Gauss and Hermite.
DAYS = 9
# A band leaves one in ten before it and one in ten after it.
LOW, HIGH = 0.1, 0.9
# Quantiles are sought within so many deviations, and as closely as this, in seconds.
TAIL = 6.0
ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Spread:
    """How much a day differs from its plan, as standard deviation by mean.

    leg: of one drive, by itself; day: of all drives of a day together; service: of one service.
    The values that stand here are assumptions; whoever has measured puts his own.

    Raises: ValueError when one is negative or no number.
    """

    leg: float = 0.2
    day: float = 0.1
    service: float = 0.3

    def __post_init__(self) -> None:
        for value in (self.leg, self.day, self.service):
            if not (isfinite(value) and value >= 0):
                raise ValueError(f"a spread must be at least 0, not {value}")


USUAL = Spread()


@dataclass(frozen=True, slots=True)
class Band:
    """Service of the stop begins between earliest_s and latest_s in eight of ten days."""

    stop: str
    earliest_s: int
    expected_s: int
    latest_s: int


@dataclass(frozen=True, slots=True)
class Moment:
    """On days of one pace: mean and variance of when something happens."""

    mean: float
    variance: float

    def after(self, mean: float, deviation: float = 0.0) -> "Moment":
        """So much later, give or take."""
        return Moment(self.mean + mean, self.variance + deviation * deviation)

    def not_before(self, opens_s: float) -> "Moment":
        """The later of the two moments, taken as normal again.

        Source: C. E. Clark (1961), Operations Research 9(2), 145-162, equations 2 to 4.
        """
        spread = sqrt(self.variance)
        if spread == 0:
            return Moment(max(self.mean, opens_s), 0.0)
        z = (self.mean - opens_s) / spread
        density, share = exp(-z * z / 2) / sqrt(2 * pi), _share_below(z, 0.0, 1.0)
        gain = (self.mean - opens_s) * share + spread * density
        square = ((self.mean - opens_s) ** 2 + self.variance) * share
        square += (self.mean - opens_s) * spread * density
        return Moment(opens_s + gain, max(0.0, square - gain * gain))


@dataclass(frozen=True, slots=True)
class Day:
    """A day of one pace: how likely it is, and where it has come to."""

    weight: float
    pace: float
    now: Moment

    def drives(self, drive_s: int, paused_s: int, spread: float) -> "Day":
        """The same day after a leg with its pauses."""
        mean = self.pace * drive_s
        return replace(self, now=self.now.after(mean + paused_s, spread * mean))

    def works(self, service_s: int, spread: float) -> "Day":
        """The same day after a service."""
        return replace(self, now=self.now.after(service_s, spread * service_s))

    def waits(self, until_s: int) -> "Day":
        """The same day, and not before that."""
        return replace(self, now=self.now.not_before(until_s))


def arrival_bands(
    problem: DeliveryProblem, route: Route, spread: Spread = USUAL
) -> tuple[Band, ...]:
    """For each stop in order, when its service begins on eight of ten days.

    The vehicle leaves as planned; each leg varies by itself and with the day's pace, each service
    by itself. Nobody begins before the window opens, nor before the planned moment where the plan
    waits. A later trip starts no earlier than planned. What is too late for its window begins all
    the same.
    """
    stops = {stop.id: stop for stop in problem.stops}
    days = _days(spread.day, route.starts_s)
    bands = []
    leaves_s = ends_s = route.starts_s
    for trip in route.trips:
        if trip.leaves_s > ends_s:
            ready_s = trip.leaves_s - ends_s
            days = [day.works(ready_s, 0.0).waits(trip.leaves_s) for day in days]
        leaves_s = trip.leaves_s
        for visit in trip.visits:
            drive_s, paused_s = _leg(route, leaves_s, visit.arrives_s)
            rested_s = _paused(route, visit.arrives_s, visit.starts_s)
            days = [day.drives(drive_s, paused_s + rested_s, spread.leg) for day in days]
            opens_s = _opens(stops[visit.stop], visit, rested_s)
            begun = [day.waits(opens_s) for day in days]
            bands.append(_band(visit.stop, days, begun, opens_s))
            days = [day.works(visit.leaves_s - visit.starts_s, spread.service) for day in begun]
            leaves_s = visit.leaves_s
        drive_s, paused_s = _leg(route, leaves_s, trip.ends_s)
        days = [day.drives(drive_s, paused_s, spread.leg) for day in days]
        ends_s = trip.ends_s
    return tuple(bands)


def _days(spread: float, starts_s: int) -> list[Day]:
    """Days by their pace, which is lognormal with mean 1."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(DAYS)
    sigma = sqrt(log1p(spread * spread))
    start = Moment(float(starts_s), 0.0)
    total = float(weights.sum())
    return [
        Day(weight / total, exp(sigma * node - sigma * sigma / 2), start)
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True)
    ]


def _leg(route: Route, leaves_s: int, arrives_s: int) -> tuple[int, int]:
    """How long is driven and how long paused on the way."""
    paused_s = _paused(route, leaves_s, arrives_s)
    return arrives_s - leaves_s - paused_s, paused_s


def _paused(route: Route, since_s: int, until_s: int) -> int:
    return sum(
        pause.length_s
        for pause in route.pauses
        if since_s <= pause.starts_s and pause.starts_s + pause.length_s <= until_s
    )


def _opens(stop: Stop, visit: Visit, rested_s: int) -> int:
    """Before when its service does not begin."""
    if visit.starts_s > visit.arrives_s + rested_s:
        return visit.starts_s
    return max((w.opens_s for w in stop.windows if w.opens_s <= visit.starts_s), default=0)


def _band(stop: str, there: Sequence[Day], begun: Sequence[Day], opens_s: int) -> Band:
    expected = sum(day.weight * day.now.mean for day in begun)
    low, high = (max(float(opens_s), _quantile(there, share)) for share in (LOW, HIGH))
    # Where nearly every day waits, the mean of the few others may lie outside the band.
    low, high = min(low, expected), max(high, expected)
    return Band(stop, floor(low + ROUNDING), round(expected), ceil(high - ROUNDING))


def _quantile(days: Sequence[Day], share: float) -> float:
    """The moment by which so large a share of all days has come there."""
    spreads = [sqrt(day.now.variance) for day in days]
    low = min(day.now.mean - TAIL * s for day, s in zip(days, spreads, strict=True))
    high = max(day.now.mean + TAIL * s for day, s in zip(days, spreads, strict=True))
    while high - low > ROUNDING:
        middle = (low + high) / 2
        below = sum(
            day.weight * _share_below(middle, day.now.mean, s)
            for day, s in zip(days, spreads, strict=True)
        )
        low, high = (middle, high) if below < share else (low, middle)
    return high


def _share_below(moment: float, mean: float, spread: float) -> float:
    if spread == 0:
        return 1.0 if moment >= mean else 0.0
    return (1 + erf((moment - mean) / (spread * sqrt(2)))) / 2

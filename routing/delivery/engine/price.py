"""Prices as whole numbers, which is what the libraries reckon in."""

from collections.abc import Iterator

import numpy as np

from routing.delivery.problem import DeliveryProblem, Objective
from routing.delivery.travel import FAR, LEG_MAX, Table

# So many digits after the point of a price are kept at most.
DIGITS_MAX = 6
# Sums of prices stay far below what 64 bits hold.
TOTAL_MAX = 2**52


class Prices:
    """What things cost in whole units of 1 / scale.

    leave_out: for each priority that a mandatory stop has, what leaving such a stop out costs:
    more than any detour for it, and more than all stops of lower priorities together, as far as
    64 bits allow. van: what one more vehicle costs where the objective is fewest vehicles.
    """

    def __init__(self, problem: DeliveryProblem) -> None:
        metres = int(problem.travel.distance_m[problem.travel.distance_m < FAR].max(initial=0))
        seconds = int(problem.travel.duration_s[problem.travel.duration_s < FAR].max(initial=0))
        span_s = 2 * seconds + _day_s(problem)
        prices = (
            p for s in problem.stops if s.soft for p in (s.soft.early_price, s.soft.late_price)
        )
        # The price of the dearest way to one more stop, there and back.
        detour = 1.0 + max(prices, default=0.0) * span_s
        detour += max(
            van.fixed_cost
            + 2 * van.distance_cost * metres
            + (van.duration_cost + problem.balance_price) * span_s
            for van in problem.vehicles
        )
        stops = len(problem.stops) + 1
        self.scale = 1
        for _ in range(DIGITS_MAX):
            whole = all(abs(p * self.scale - round(p * self.scale)) < 1e-9 for p in _each(problem))
            if whole or detour * stops * self.scale * 10 > TOTAL_MAX:
                break
            self.scale *= 10
        self.van = 0
        if problem.objective is Objective.VEHICLES:
            self.van = self.whole(detour * stops)
        self.leave_out = self._leave_out(problem, self.whole(detour) + self.van)

    def whole(self, price: float) -> int:
        """A price in whole units."""
        return min(round(price * self.scale), TOTAL_MAX)

    def arcs(self, distance_m: Table, distance_cost: float) -> Table:
        """What each leg costs; a leg that is no way costs ten times the dearest."""
        known = distance_m < FAR
        costs = np.rint(np.where(known, distance_m, 0) * (distance_cost * self.scale))
        dearest = 10 * costs.max(initial=0) + 1
        return np.where(known, costs, dearest).astype(np.int64)

    def _leave_out(self, problem: DeliveryProblem, detour: int) -> dict[int, int]:
        mandatory = [stop.priority for stop in problem.stops if stop.prize is None]
        price, prices = 2 * detour, {}
        for priority in sorted(set(mandatory)):
            prices[priority] = price
            price = min(price * (mandatory.count(priority) + 1), TOTAL_MAX)
        return prices


def _day_s(problem: DeliveryProblem) -> int:
    """How long a day may be, as far as shifts or windows say so, and at least one service."""
    closes = [van.closes_s - van.opens_s for van in problem.vehicles]
    closes += [window.closes_s for stop in problem.stops for window in stop.windows]
    closes += [stop.soft.closes_s for stop in problem.stops if stop.soft]
    known = [each for each in closes if each < LEG_MAX // 2]
    return max(known, default=0) + max((stop.service_s for stop in problem.stops), default=0)


def _each(problem: DeliveryProblem) -> Iterator[float]:
    yield problem.balance_price
    for van in problem.vehicles:
        yield from (van.fixed_cost, van.distance_cost, van.duration_cost)
    for stop in problem.stops:
        if stop.prize is not None:
            yield stop.prize
        if stop.soft is not None:
            yield from (stop.soft.early_price, stop.soft.late_price)

"""Which lane a ride gets: the house's rules for what was read, and for what cannot be sorted."""

from collections.abc import Callable, Iterable

from api.gateway.lane import LaneTable
from api.gateway.ride import Ride
from devices.scan.read import Read
from wms.sorting.lane import Choice, Rule, Way, choose, set_aside

UNREAD = "what nobody can read"


class Judge:
    """Decides over one sorter's lanes; what goes round for want of a reject lane is an alarm."""

    def __init__(self, lanes: LaneTable, alarms: dict[tuple[str, str], str]) -> None:
        self._lanes = lanes
        self._alarms = alarms

    def choose(
        self,
        ride: Ride,
        riding_to: Callable[[int], int],
        yielding: Iterable[tuple[int, Way, int]],
    ) -> Choice:
        """Decide, from what was read, the unit's way and the lanes as they are."""
        plan = self._lanes.plan
        read = ride.read
        if ride.unit is None:
            many = read is not None and read.read is Read.MULTI_READ
            rule = Rule.SEVERAL_READ if many else Rule.NOT_READ
            why = (read.why if read is not None else "") or "nothing was read"
            if plan.reject_no_read or ride.rounds >= plan.rounds_max:
                return self._aside(plan.reject_lane, rule, why, UNREAD, riding_to)
            return Choice(0, rule, f"Goes round to be read again: {why}")
        way = ride.way = self._lanes.find(ride.unit)
        if way is None:
            why = f"{ride.unit} is not expected on this sorter"
            if self._lanes.rounds_of(ride.unit) < plan.rounds_max:
                return Choice(0, Rule.NOT_EXPECTED, why)
            return self._aside(plan.reject_lane, Rule.NOT_EXPECTED, why, ride.unit, riding_to)
        if way.late and (lane := plan.late_lane or plan.reject_lane) is not None:
            return self._aside(lane, Rule.DEPARTURE_LEFT, way.late, way.unit, riding_to)
        if way.rounds >= plan.rounds_max:
            why = f"{way.unit} went round {way.rounds} times"
            if plan.reject_lane is not None:
                return self._aside(plan.reject_lane, Rule.TOO_MANY_ROUNDS, why, way.unit, riding_to)
            self._alarms["rounds", way.unit] = f"{why}, and there is no reject lane"
        lanes = [
            self._lanes.lane(number, riding_to(number) - (ride.lane == number))
            for number in way.lanes
            if number not in ride.refused
        ]
        return choose(way, lanes, kept=ride.lane, yielding=yielding)

    def _aside(
        self,
        lane: int | None,
        rule: Rule,
        why: str,
        unit: str,
        riding_to: Callable[[int], int],
    ) -> Choice:
        if lane is None:
            self._alarms["rounds", unit] = f"{why}, and there is no reject lane"
            return Choice(0, rule, f"Goes round, as there is no reject lane: {why}")
        return set_aside(self._lanes.lane(lane, riding_to(lane)), rule, why)

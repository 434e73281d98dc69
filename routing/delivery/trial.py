"""One vehicle's trips tried out: a timed route, or the constraint that it breaks."""

from functools import cached_property

from routing.delivery.cargo import overload, unfit
from routing.delivery.chain import Chain, Part, chain_of
from routing.delivery.clock import Late, earliest, timed
from routing.delivery.draft import Run
from routing.delivery.objective import route_cost
from routing.delivery.pace import Steady
from routing.delivery.plan import Pause, Route, Trip, Visit
from routing.delivery.problem import Begun, DeliveryProblem
from routing.delivery.rest import rested
from routing.delivery.snag import Snag, told_moment
from routing.delivery.vehicle import Vehicle


class Trial:
    """Drives runs of one problem; looks its ids up once."""

    def __init__(self, problem: DeliveryProblem) -> None:
        self.problem = problem
        self.depots = {depot.id: depot for depot in problem.depots}

    @cached_property
    def index(self) -> dict[str, int]:
        """Each stop's index by its id."""
        return {stop.id: k for k, stop in enumerate(self.problem.stops)}

    @cached_property
    def partner(self) -> dict[int, int]:
        """For each stop of a pair, the other one."""
        both: dict[int, int] = {}
        for pair in self.problem.pairs:
            pickup, delivery = self.index[pair.pickup], self.index[pair.delivery]
            both[pickup], both[delivery] = delivery, pickup
        return both

    @cached_property
    def begun(self) -> dict[tuple[str, int], Begun]:
        """Routes that are on their way, by vehicle and number."""
        return {(each.vehicle, each.number): each for each in self.problem.begun}

    @cached_property
    def begun_by(self) -> dict[int, tuple[str, int]]:
        """Which vehicle is on its way to a stop."""
        return {
            self.index[stop_id]: key for key, each in self.begun.items() for stop_id in each.stops
        }

    def attempt(self, run: Run, number: int) -> Route | Snag:
        """The run's route by vehicle `number` of its type, or what it breaks."""
        vehicle = self.problem.vehicles[run.vehicle]
        snag = self._unkept(vehicle, run, number)
        if snag is not None:
            return snag
        chain = chain_of(self.problem, self.depots, vehicle, run)
        if isinstance(chain, Snag):
            return chain
        limit_m = vehicle.distance_m_max
        if limit_m is not None and chain.distance_m > limit_m:
            return Snag("distance", f"{chain.distance_m} m is more than its {limit_m} m")
        timed = self._timed(vehicle, chain)
        if isinstance(timed, Snag):
            return timed
        return self._route(vehicle, number, *timed)

    def _unkept(self, vehicle: Vehicle, run: Run, number: int) -> Snag | None:
        stops = [index for trip in run.trips for index in trip]
        if not run.trips or not all(run.trips):
            return Snag("trips", "a trip has no stops")
        if len(run.trips) > vehicle.trips_max:
            return Snag("trips", f"{len(run.trips)} trips are more than its {vehicle.trips_max}")
        if len(set(stops)) < len(stops):
            return Snag("trips", "a stop is served twice")
        if not 0 <= number < vehicle.count:
            return Snag("fleet", f"there are only {vehicle.count} of these vehicles")
        if self.problem.begun:
            begun = self.begun.get((vehicle.id, number))
            first = tuple(self.index[each] for each in begun.stops) if begun else ()
            if run.trips[0][: len(first)] != first:
                return Snag("begun", "the route does not begin with the stops it is on its way to")
            for index in stops:
                if self.begun_by.get(index, (vehicle.id, number)) != (vehicle.id, number):
                    name = self.problem.stops[index].id
                    return Snag("begun", f"another vehicle is on its way to stop {name}")
        if snag := unfit(self.problem, vehicle, stops):
            return snag
        for trip in run.trips:
            if snag := overload(self.problem, vehicle, self.partner, trip):
                return snag
        return None

    def _timed(self, vehicle: Vehicle, chain: Chain) -> tuple[Chain, list[int]] | Snag:
        """The chain with its pauses, and when each link of it begins."""
        soonest = earliest(chain, chain.links[0].windows[0][0])
        if isinstance(soonest, Late):
            return self._late(chain, soonest)
        price = vehicle.duration_cost
        if self.problem.balance_price:
            price += self.problem.balance_price / self.problem.vehicle_count
        if vehicle.breaks or vehicle.driving:
            return rested(vehicle, chain, price)
        starts = timed(chain, price, vehicle.duration_s_max)
        return starts if isinstance(starts, Snag) else (chain, starts)

    def _late(self, chain: Chain, late: Late) -> Snag:
        link = chain.links[late.link]
        then, closes = told_moment(late.arrives_s), told_moment(link.windows[-1][1])
        if link.part is Part.STOP:
            name = self.problem.stops[link.stop].id
            return Snag(
                "window", f"stop {name} is reached at {then}, its last window closes at {closes}"
            )
        what = "is back to load again" if link.part is Part.RELOAD else "is back"
        if chain.paces[late.link - 1] == Steady(0):
            what = "is done"
        return Snag("shift", f"it {what} at {then}, which must be by {closes}")

    def _route(self, vehicle: Vehicle, number: int, chain: Chain, starts: list[int]) -> Route:
        trips: list[Trip] = []
        visits: list[Visit] = []
        pauses: list[Pause] = []
        leaves_s = ready_s = arrives_s = starts[0]
        drive_s = 0
        for k in range(1, len(chain.links)):
            link, begins_s, pace = chain.links[k], starts[k], chain.paces[k - 1]
            drive_s += pace.arrive(ready_s) - ready_s
            # After a pause with nothing left to drive, the vehicle was there before it.
            if chain.links[k - 1].part is not Part.PAUSE or pace != Steady(0):
                arrives_s = pace.arrive(ready_s)
            ready_s = begins_s + link.service_s
            if link.part is Part.PAUSE:
                pauses.append(Pause(begins_s, link.service_s))
            elif link.part is Part.STOP:
                name = self.problem.stops[link.stop].id
                visits.append(Visit(name, arrives_s, begins_s, ready_s))
            else:
                trips.append(Trip(leaves_s, tuple(visits), begins_s))
                visits, leaves_s = [], ready_s
        served = [
            (link.stop, begins_s)
            for link, begins_s in zip(chain.links, starts, strict=True)
            if link.part is Part.STOP
        ]
        cost = route_cost(self.problem, vehicle, chain.distance_m, starts[-1] - starts[0], served)
        return Route(
            vehicle.id, number, tuple(trips), tuple(pauses), chain.distance_m, drive_s, cost
        )

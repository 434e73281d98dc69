"""What is delivered first is loaded last."""

from routing.delivery.draft import Run
from routing.delivery.loading import loading_order
from routing.delivery.plan import Route
from routing.delivery.stop import Kind
from routing.delivery.timetable import drive
from tests.routing.delivery.builders import a_problem, a_stop, a_van


def test_each_trip_is_loaded_in_reverse() -> None:
    stops = [a_stop(1), a_stop(2), a_stop(3, kind=Kind.PICKUP), a_stop(4)]
    route = drive(a_problem(stops, a_van(trips_max=2)), Run(0, ((0, 1, 2), (3,))), 0)
    assert isinstance(route, Route)
    assert loading_order(route) == (("s3", "s2", "s1"), ("s4",))
    assert loading_order(route, fetched={"s3"}) == (("s2", "s1"), ("s4",))

"""The map of a departure."""

import math

from hypothesis import given
from hypothesis import strategies as st

from api.console.route_map import HEIGHT, NUMBERED_MAX, WIDTH, fit, route_map
from wms.overview.departure import Route, RoutePlan, Stop

POINTS = st.lists(st.tuples(st.floats(-65, 65), st.floats(-170, 170)), min_size=1, max_size=30)


def a_stop(order_id: int, latitude: float, longitude: float, outcome: str = "planned") -> Stop:
    return Stop(
        order_id=order_id,
        tracking_number=f"SP{order_id}",
        latitude=latitude,
        longitude=longitude,
        outcome=outcome,
    )


def a_plan(*routes: Route) -> RoutePlan:
    return RoutePlan(
        depot=(51.4, -0.1),
        routes=routes,
        unserved=(),
        distance_m=2,
        cost=2.0,
        baseline_cost=3.0,
        engine="x",
        why="",
        travel="straight lines",
        straight=True,
    )


STOPS = (a_stop(1, 51.5, -0.2), a_stop(2, 51.6, -0.1))


@given(POINTS)
def test_every_address_lies_in_the_picture(points: list[tuple[float, float]]) -> None:
    frame = fit(points)
    for latitude, longitude in points:
        x, y = frame.point(latitude, longitude)
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


@given(st.floats(-60, 60), st.floats(-150, 150))
def test_a_kilometre_is_as_long_eastwards_as_northwards(latitude: float, longitude: float) -> None:
    frame = fit([(latitude, longitude)])
    shrink = math.cos(math.radians(latitude))
    assert math.isclose(frame.x_scale / shrink, frame.y_scale, rel_tol=1e-6)


def test_each_van_has_its_line_and_each_stop_its_number() -> None:
    routes = [Route(van=f"VAN-{n}", stops=STOPS, distance_m=1, duration_s=1) for n in (1, 2)]
    drawn = route_map(a_plan(*routes))
    assert drawn.count("<polyline") == 2
    assert drawn.count('data-kind="straight"') == 2
    assert drawn.count(">2</text>") == 2
    assert " km</text>" in drawn


def test_lines_follow_the_roads_where_those_are_known() -> None:
    way = ((51.4, -0.1), (51.45, -0.3), (51.5, -0.2), (51.6, -0.1), (51.4, -0.1))
    route = Route(van="VAN-1", stops=STOPS, distance_m=1, duration_s=1, way=way)
    drawn = route_map(a_plan(route))
    assert 'data-kind="road"' in drawn
    assert 'data-kind="straight"' not in drawn


def test_what_is_behind_a_van_is_drawn_as_such_and_numbered_on() -> None:
    route = Route(
        van="VAN-1",
        stops=STOPS[1:],
        visited=(a_stop(1, 51.5, -0.2, "served"),),
        distance_m=1,
        duration_s=1,
    )
    drawn = route_map(a_plan(route))
    assert 'data-kind="driven"' in drawn
    assert 'data-outcome="served"' in drawn
    assert ">1</text>" in drawn and ">2</text>" in drawn


def test_a_chosen_van_lies_on_top_and_the_others_are_faint() -> None:
    routes = [Route(van=f"VAN-{n}", stops=STOPS, distance_m=1, duration_s=1) for n in (1, 2)]
    drawn = route_map(a_plan(*routes), "VAN-1")
    assert drawn.index('data-faded="yes"') < drawn.index('data-faded="no"')
    assert drawn.index("VAN-2") < drawn.index("VAN-1")


def test_a_crowd_of_stops_has_no_numbers() -> None:
    many = tuple(a_stop(n, 51.5 + n / 1_000, -0.2) for n in range(NUMBERED_MAX + 1))
    drawn = route_map(a_plan(Route(van="VAN-1", stops=many, distance_m=1, duration_s=1)))
    assert drawn.count("<circle") >= len(many)
    assert ">7</text>" not in drawn


def test_a_name_from_outside_is_no_markup() -> None:
    route = Route(van="<b>", stops=STOPS, distance_m=1, duration_s=1)
    assert "<b>" not in route_map(a_plan(route))

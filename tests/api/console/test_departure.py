"""The map of a departure."""

import math

from hypothesis import given
from hypothesis import strategies as st

from api.console.departure import HEIGHT, WIDTH, fit, route_map
from wms.overview.departure import Route, RoutePlan, Stop

POINTS = st.lists(st.tuples(st.floats(-65, 65), st.floats(-170, 170)), min_size=1, max_size=30)


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
    stops = (Stop("SP1", 1, 51.5, -0.2), Stop("SP2", 2, 51.6, -0.1))
    plan = RoutePlan(
        (51.4, -0.1), (Route("VAN-1", stops, 1, 1), Route("VAN-2", stops, 1, 1)), (), 2, 3, "x"
    )
    drawn = route_map(plan)
    assert drawn.count("<polyline") == 2
    assert drawn.count(">2</text>") == 2
    assert " km</text>" in drawn

"""How much a search may take."""

from wms.shipping.limit import AUTO, LIGHT, LIGHT_STOPS_MAX, RouteLimits
from wms.shipping.route import Kind

LIMITS = RouteLimits(solve_s_max=40, workers=3)


def test_a_hurried_plan_and_one_that_goes_on_are_given_less() -> None:
    whole = LIMITS.thought(Kind.OWN_VANS, 100, 7, warm=False)
    hurried = LIMITS.hurried(4).thought(Kind.OWN_VANS, 100, 7, warm=False)
    warm = LIMITS.thought(Kind.OWN_VANS, 100, 7, warm=True)
    assert (whole.engine, whole.workers, whole.effort.seed) == (AUTO, 3, 7)
    for less in (hurried, warm):
        assert less.effort.seconds == 10
        assert (less.effort.iterations or 0) * 4 == whole.effort.iterations
    endless = LIMITS.hurried(10**9).thought(Kind.OWN_VANS, 5, 1, warm=True)
    assert endless.effort.iterations == 1
    assert (endless.effort.seconds or 0) > 0


def test_more_stops_are_given_more_thought() -> None:
    few, many = (LIMITS.thought(Kind.OWN_VANS, stops, 1, warm=False) for stops in (20, 200))
    assert (few.effort.iterations or 0) < (many.effort.iterations or 0)


def test_nobody_waits_for_a_compilation() -> None:
    cold = RouteLimits(compiled=False)
    assert cold.thought(Kind.OWN_VANS, 500, 1, warm=False).engine == LIGHT
    few, many = LIGHT_STOPS_MAX, LIGHT_STOPS_MAX + 1
    assert LIMITS.thought(Kind.CARRIER, few, 1, warm=False).engine == LIGHT
    assert LIMITS.thought(Kind.CARRIER, many, 1, warm=False).engine == AUTO
    assert LIMITS.thought(Kind.OWN_VANS, few, 1, warm=False).engine == AUTO

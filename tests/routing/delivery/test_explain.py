"""A planner reads why a stop is left, and what would help; what would help is tried again here."""

from routing.delivery.baseline import baseline
from routing.delivery.explain import explain
from routing.delivery.plan import DeliveryPlan, Unserved
from routing.delivery.problem import DeliveryProblem, Pair
from routing.delivery.stop import Kind, Window
from routing.delivery.timetable import plan_of
from routing.delivery.travel import FAR, Travel
from tests.routing.delivery.builders import a_problem, a_stop, a_street, a_van, planned


def its_plan(problem: DeliveryProblem) -> DeliveryPlan:
    return plan_of(problem, baseline(problem), why="a test", seconds=0.0)


def told(problem: DeliveryProblem, stop: str) -> Unserved:
    return next(each for each in its_plan(problem).unserved if each.stop == stop)


def constraints(unserved: Unserved) -> list[str]:
    return [refusal.constraint for refusal in unserved.refusals]


def test_a_load_above_every_vehicle_is_told_with_how_much_less_would_do() -> None:
    problem = a_problem([a_stop(1, load=(13,))], a_van(), a_van(id="bike", capacity=(2,)))
    unserved = told(problem, "s1")
    assert constraints(unserved) == ["load", "load"]
    assert "even an empty vehicle" in unserved.refusals[0].reason
    assert "a load of 13 is above the capacity of 10" in unserved.refusals[0].reason
    assert unserved.remedies == ("a load smaller by 3 would fit into van",)
    smaller = a_problem([a_stop(1, load=(10,))], a_van())
    assert its_plan(smaller).unserved == ()


def test_each_way_of_measuring_is_told_by_itself() -> None:
    problem = a_problem([a_stop(1, load=(12, 7))], a_van(capacity=(10, 5)))
    assert told(problem, "s1").remedies == (
        "a load smaller by 2 in dimension 1 and 2 in dimension 2 would fit into van",
    )


def test_a_missing_skill_is_named_and_a_vehicle_with_it_would_do() -> None:
    unserved = told(a_problem([a_stop(1, skills=frozenset({"lift"}))]), "s1")
    assert constraints(unserved) == ["skill"]
    assert unserved.refusals[0].reason == "stop s1 needs lift, which the vehicle does not have"
    assert unserved.remedies == ("a vehicle van with lift would serve it",)


def test_a_vehicle_that_is_not_allowed_is_told_apart_from_one_that_cannot() -> None:
    stop = a_stop(1, vehicles=frozenset({"bike"}), load=(5,))
    unserved = told(a_problem([stop], a_van(), a_van(id="bike", capacity=(2,))), "s1")
    assert constraints(unserved) == ["vehicle", "load"]
    assert "if van were allowed there, it would serve it" in unserved.remedies


def test_a_window_that_closes_too_soon_is_told_with_how_much_longer_would_do() -> None:
    stop = a_stop(20, windows=(Window(0, 1_000),))
    unserved = told(a_problem([stop]), "s20")
    assert constraints(unserved) == ["window"]
    assert "reached at 0:33:20, its last window closes at 0:16:40" in unserved.refusals[0].reason
    assert unserved.remedies == (
        "a window of s20 open 0:20 h longer, until 0:36:40, would serve it",
    )


def test_a_shift_that_is_too_short_is_told_with_how_much_longer_would_do() -> None:
    unserved = told(a_problem([a_stop(20)], a_van(closes_s=3_600)), "s20")
    assert constraints(unserved) == ["shift"]
    assert unserved.remedies == ("a shift of van that ends 0:10 h later, at 1:10, would serve it",)
    assert its_plan(a_problem([a_stop(20)], a_van(closes_s=4_200))).unserved == ()
    assert its_plan(a_problem([a_stop(20)], a_van(closes_s=3_900))).unserved != ()


def test_an_earlier_shift_helps_where_the_window_closes_early() -> None:
    stop = a_stop(20, windows=(Window(0, 30_000),))
    unserved = told(a_problem([stop], a_van(opens_s=28_800)), "s20")
    assert "a shift of van that begins 0:15 h earlier, at 7:45, would serve it" in unserved.remedies


def test_limits_on_a_route_are_told_with_what_is_lacking() -> None:
    far = a_problem([a_stop(20)], a_van(distance_m_max=3_990))
    assert constraints(told(far, "s20")) == ["distance"]
    assert told(far, "s20").remedies == ("10 m more than 3990 m for a route of van would serve it",)
    long = a_problem([a_stop(20)], a_van(duration_s_max=3_600))
    assert constraints(told(long, "s20")) == ["duration"]
    assert told(long, "s20").remedies == (
        "0:10 h more than 1:00 h for a route of van would serve it",
    )


def test_a_place_that_nobody_reaches_is_named_and_nothing_helps() -> None:
    table = a_street(2).distance_m.copy()
    table[0, 1] = FAR
    unserved = told(a_problem([a_stop(1)], travel=Travel(table, table[None])), "s1")
    assert constraints(unserved) == ["unreachable"]
    assert unserved.remedies == ()


def test_a_place_without_a_way_to_the_other_stops_is_not_called_a_full_vehicle() -> None:
    street = a_street(3)
    for table in (street.distance_m, street.duration_s[0]):
        table[1, 2] = table[2, 1] = FAR
    problem = a_problem([a_stop(1), a_stop(2)], a_van(count=1), travel=street)
    told = planned(problem, [0]).unserved[0]
    assert told.refusals[0].constraint == "unreachable"
    assert told.refusals[0].reason == (
        "the only one is used, and has no way between it and the stops on the route"
    )
    assert told.remedies == ("one more vehicle van would serve it",)


def test_full_vehicles_are_told_and_one_more_would_do() -> None:
    stops = [a_stop(place, load=(6,)) for place in (1, 2, 3)]
    plan = its_plan(a_problem(stops))
    (unserved,) = plan.unserved
    assert constraints(unserved) == ["load"]
    assert unserved.refusals[0].reason == "all 2 are used: 2 have no room left for it"
    assert unserved.remedies[0] == "one more vehicle van would serve it"
    assert unserved.remedies[1] == "a load smaller by 2 would fit into van"
    assert its_plan(a_problem(stops, a_van(count=3))).unserved == ()


def test_vehicles_whose_time_is_full_are_told_and_a_longer_shift_would_do() -> None:
    stops = [a_stop(1, service_s=3_000), a_stop(2, service_s=3_000)]
    plan = its_plan(a_problem(stops, a_van(count=1, closes_s=4_000)))
    (unserved,) = plan.unserved
    assert constraints(unserved) == ["shift"]
    assert "the only one is used, and has no time left for it" in unserved.refusals[0].reason
    assert unserved.remedies == (
        "one more vehicle van would serve it",
        "a shift of van that ends 0:40 h later, at 1:46:40, would serve it",
    )


def test_goods_that_must_not_meet_are_told() -> None:
    stops = [a_stop(k, goods=frozenset({name})) for k, name in ((1, "food"), (2, "paint"))]
    problem = a_problem(stops, a_van(count=1), incompatible=frozenset({("food", "paint")}))
    (unserved,) = its_plan(problem).unserved
    assert constraints(unserved) == ["goods"]
    assert "has goods on board that must not go with it" in unserved.refusals[0].reason
    assert unserved.remedies == ("one more vehicle van would serve it",)


def test_unlike_reasons_in_unlike_vehicles_are_counted() -> None:
    stops = [
        a_stop(1, load=(9,)),
        a_stop(2, goods=frozenset({"food"}), load=(2,)),
        a_stop(3, goods=frozenset({"paint"}), load=(8,)),
    ]
    problem = a_problem(stops, incompatible=frozenset({("food", "paint")}))
    plan = planned(problem, [0], [1])
    (unserved,) = plan.unserved
    assert constraints(unserved) == ["fleet"]
    assert "1 has no room left for it" in unserved.refusals[0].reason
    assert "1 has goods on board" in unserved.refusals[0].reason


def test_an_optional_stop_is_told_with_the_prize_that_would_pay() -> None:
    unserved = told(a_problem([a_stop(20, prize=99.5)]), "s20")
    assert constraints(unserved) == ["optional"]
    assert "would cost 4000 more, above its prize of 99.5" in unserved.refusals[0].reason
    assert unserved.remedies == ("a prize of 4000 would pay for it",)


def test_a_stop_that_a_plan_has_a_place_for_is_not_excused() -> None:
    problem = a_problem([a_stop(1), a_stop(2)])
    (unserved,) = planned(problem, [0]).unserved
    assert constraints(unserved) == ["search"]


def test_both_stops_of_a_pair_have_the_reason_of_either() -> None:
    stops = [a_stop(1, kind=Kind.PICKUP), a_stop(2, windows=(Window(0, 10),))]
    plan = its_plan(a_problem(stops, pairs=(Pair("s1", "s2"),)))
    assert [each.stop for each in plan.unserved] == ["s1", "s2"]
    assert plan.unserved[0].refusals == plan.unserved[1].refusals


def test_a_vehicle_with_the_skill_beside_those_in_use_is_proposed() -> None:
    stops = [a_stop(1, load=(10,)), a_stop(2, load=(10,), skills=frozenset({"lift"}))]
    unserved = told(a_problem(stops, a_van(count=1)), "s2")
    assert unserved.remedies == (
        "with one more vehicle as well, a vehicle van with lift would serve it",
    )


def test_one_stop_can_be_explained_by_itself() -> None:
    problem = a_problem([a_stop(place, load=(6,)) for place in (1, 2, 3)])
    plan = planned(problem, [0], [1])
    assert explain(problem, plan.routes, 2) == plan.unserved[0]

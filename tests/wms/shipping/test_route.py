"""A reading says when routes no longer fit it, and an agenda what is to be planned of it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from routing.road.straight import straight_travel
from tests.wms.shipping.test_van import a_drop
from wms.error import Conflict
from wms.shipping.agenda import HOME, agenda_of, split_name, van_name
from wms.shipping.route import Call, Event, Kind, Outcome, Reading, State, after
from wms.shipping.van import Van
from wms.shipping.wish import Wish

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_van(code: str, **changed: Any) -> Van:
    van = Van(code=code, mass_g_max=100, volume_ml_max=100, shift_from=time(6), shift_to=time(18))
    return replace(van, **changed)


def a_call(order_id: int, van: str, outcome: Outcome = Outcome.PLANNED, minutes: int = 30) -> Call:
    at = NOW + timedelta(minutes=minutes)
    return Call(
        order_id=order_id,
        van=van,
        position=1,
        outcome=outcome,
        earliest_at=at,
        expected_at=at,
        latest_at=at,
        leaves_at=at,
        happened_at=None if outcome is Outcome.PLANNED else at,
    )


READING = Reading(
    departure_id=1,
    warehouse_id=1,
    state="open",
    kind=Kind.OWN_VANS,
    cut_off_at=None,
    closed_at=None,
    depot=(52.0, -1.0),
    zone="UTC",
    drops=tuple(replace(a_drop(n), point=(52.0 + n / 100, -1.0)) for n in (1, 2, 3)),
    vans=(a_van("A"), a_van("B")),
    wishes={},
    calls={},
    ready_at={},
)
CLOSED = replace(
    READING,
    state="closed",
    closed_at=NOW,
    drops=tuple(replace(drop, loaded=1) for drop in READING.drops),
)


def test_a_table_says_where_a_version_may_go() -> None:
    assert after(State.REQUESTED, Event.SAVE) is State.PLANNED
    for state, event in (
        (State.REFUSED, Event.SAVE),
        (State.SUPERSEDED, Event.SUPERSEDE),
        (State.PLANNED, Event.REFUSE),
    ):
        with pytest.raises(Conflict):
            after(state, event)


def test_whatever_routes_depend_on_is_in_the_digest() -> None:
    others = [
        replace(READING, drops=READING.drops[1:]),
        replace(READING, drops=(replace(READING.drops[0], mass_g=9), *READING.drops[1:])),
        replace(READING, drops=(replace(READING.drops[0], point=None), *READING.drops[1:])),
        replace(READING, vans=READING.vans[:1]),
        replace(READING, vans=(a_van("A", mass_g_max=9), a_van("B"))),
        replace(READING, wishes={1: Wish(van="A")}),
        replace(READING, cut_off_at=NOW),
        replace(READING, kind=Kind.CARRIER),
        replace(READING, calls={1: a_call(1, "A", Outcome.SERVED)}),
        replace(READING, ready_at={"A": NOW}),
    ]
    assert len({reading.digest for reading in (READING, *others)}) == len(others) + 1


def test_a_parcel_that_got_another_label_leaves_the_routes_as_they_are() -> None:
    two, turned = (replace(READING.drops[0], parcel_ids=ids) for ids in ((1, 9), (9, 1)))
    assert replace(READING, drops=(two,)).digest == replace(READING, drops=(turned,)).digest


def test_a_departure_that_closes_with_all_that_was_planned_is_not_stale() -> None:
    planned = replace(READING, plan={"routes": []}, plan_digest=READING.digest)
    assert not planned.stale
    assert replace(CLOSED, calls={1: a_call(1, "A")}).digest == READING.digest
    left_behind = replace(CLOSED, drops=(*CLOSED.drops[:2], READING.drops[2]))
    assert replace(left_behind, plan={"routes": []}, plan_digest=READING.digest).stale
    # What was planned before there were digests is taken as it is.
    assert not replace(READING, plan={"routes": []}).stale


def test_own_vans_are_types_of_their_own_that_leave_soon_after_the_cut_off() -> None:
    agenda = agenda_of(replace(READING, cut_off_at=NOW + timedelta(hours=1)), NOW)
    assert [vehicle.id for vehicle in agenda.vehicles] == ["A", "B"]
    docks = {depot.id: depot for depot in agenda.depots}
    for vehicle in agenda.vehicles:
        assert (vehicle.count, vehicle.end) == (1, HOME)
        assert docks[vehicle.start].opens_s == vehicle.opens_s == 10 * 3600
        assert docks[vehicle.start].closes_s == vehicle.opens_s + 1_800
    assert all(stop.vehicles is None for stop in agenda.stops)
    assert agenda.problem(straight_travel(agenda.points)).dimensions == 2


def test_wishes_narrow_the_vans_and_what_no_van_may_take_is_left_out() -> None:
    wishes = {1: Wish(van="A"), 2: Wish(forbidden=("A",)), 3: Wish(van="C")}
    agenda = agenda_of(replace(READING, wishes=wishes), NOW)
    assert [(stop.id, stop.vehicles) for stop in agenda.stops] == [
        ("1", frozenset({"A"})),
        ("2", frozenset({"B"})),
    ]
    [left] = agenda.left_out
    assert left.drop.order_id == 3 and "C" in left.reason and left.remedy


def test_a_van_that_is_out_goes_on_from_its_last_door_with_what_it_holds() -> None:
    calls = {
        1: a_call(1, "A", Outcome.SERVED, 10),
        2: a_call(2, "A"),
        3: a_call(3, "B", Outcome.BEGUN, 5),
    }
    agenda = agenda_of(replace(CLOSED, calls=calls), NOW)
    a, b = agenda.vehicles
    start = next(depot for depot in agenda.depots if depot.id == a.start)
    assert agenda.points[start.place] == CLOSED.drops[0].point
    assert start.opens_s == start.closes_s == a.opens_s == 9 * 3600 + 600
    assert b.opens_s == 9 * 3600
    assert {stop.id: stop.vehicles for stop in agenda.stops} == {
        "2": frozenset({"A"}),
        "3": frozenset({"B"}),
    }
    [begun] = agenda.begun
    assert (begun.vehicle, begun.stops) == ("B", ("3",))
    assert [call.order_id for call in agenda.visited["A"]] == [1]


def test_a_van_out_of_service_still_brings_what_is_in_it() -> None:
    vans = (a_van("A", in_service=False), a_van("B"))
    agenda = agenda_of(replace(CLOSED, vans=vans, calls={1: a_call(1, "A")}), NOW)
    allowed = {stop.id: stop.vehicles for stop in agenda.stops}
    assert allowed["1"] == frozenset({"A"})
    assert allowed["2"] == frozenset({"B"})


def test_two_orders_at_one_door_share_a_place() -> None:
    drops = tuple(replace(drop, point=(52.1, -1.1)) for drop in READING.drops)
    agenda = agenda_of(replace(READING, drops=drops), NOW)
    assert len({stop.place for stop in agenda.stops}) == 1
    assert len(agenda.points) == 2


def test_a_search_goes_on_from_the_routes_that_still_hold() -> None:
    plan = {
        "routes": [
            {"van": "A", "stops": [{"order_id": 2}, {"order_id": 9}, {"order_id": 1}]},
            {"van": "GONE", "stops": [{"order_id": 3}]},
        ]
    }
    warm = agenda_of(replace(READING, plan=plan), NOW).warm()
    assert warm is not None
    assert [(run.vehicle, run.trips) for run in warm.runs] == [(0, ((1, 0),))]
    moved = replace(READING, plan=plan, wishes={2: Wish(van="B")})
    warm = agenda_of(moved, NOW).warm()
    assert warm is not None
    assert [run.trips for run in warm.runs] == [((0,),)]
    assert agenda_of(READING, NOW).warm() is None


def test_a_carriers_vans_are_all_alike_and_have_numbers() -> None:
    agenda = agenda_of(replace(READING, kind=Kind.CARRIER), NOW)
    [vehicle] = agenda.vehicles
    name = van_name(vehicle.id, 2, Kind.CARRIER)
    assert name == "VAN-3"
    assert split_name(name, Kind.CARRIER) == (vehicle.id, 2)
    assert split_name("VAN-3", Kind.OWN_VANS) == ("VAN-3", 0)

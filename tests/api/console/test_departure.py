"""A departure's page: routes, arrivals, wishes, and what is on no route."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from api.console.departure import draw
from api.console.words import Scene
from wms.overview.departure import (
    Departure,
    DepartureRow,
    Pause,
    Route,
    RoutePlan,
    Stop,
    Unserved,
    Version,
)
from wms.shipping.wish import Wish

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SCENE = Scene(NOW, UTC)
ROW = DepartureRow(
    departure_id=7,
    place="DOCK-1",
    carrier="Simex",
    kind="own_vans",
    state="open",
    parcels=3,
    loaded=0,
    vans=1,
    distance_m=9_000,
    opened_at=NOW,
    cut_off_at=NOW,
    closed_at=None,
)


def a_stop(order_id: int, minutes: int, **changed: object) -> Stop:
    at = NOW + timedelta(minutes=minutes)
    told: dict[str, Any] = {
        "order_id": order_id,
        "tracking_number": f"SL{order_id}",
        "latitude": 52.5,
        "longitude": -1.5,
        "city": "Rugby",
        "earliest_at": at - timedelta(minutes=5),
        "expected_at": at,
        "latest_at": at + timedelta(minutes=9),
        "loading": 1,
    }
    return Stop(**(told | changed))


ROUTE = Route(
    van="VAN-1",
    stops=(a_stop(12, 30), a_stop(13, 60)),
    visited=(a_stop(11, -20, outcome="served", happened_at=NOW - timedelta(minutes=15)),),
    distance_m=9_000,
    duration_s=5_400,
    leaves_at=NOW - timedelta(minutes=15),
    back_at=NOW + timedelta(minutes=75),
    mass_g=500,
    mass_g_max=1_000,
    volume_ml=1,
    volume_ml_max=10,
    pauses=(Pause(starts_at=NOW + timedelta(minutes=40), length_s=900),),
    late_s=1_200,
)
PLAN = RoutePlan(
    depot=(52.4, -1.5),
    routes=(ROUTE,),
    unserved=(
        Unserved(
            14, "SL14", (("VAN-1", "it is <too> heavy"), ("VAN-2", "it is <too> heavy")), ("more",)
        ),
    ),
    distance_m=9_000,
    cost=900.0,
    baseline_cost=1_000.0,
    engine="fleet",
    why="it carries every constraint",
    travel="straight lines x 1.3",
    straight=True,
)
STANDING = Version(
    version=2, state="planned", asked_by="staff:Pia", reason="", asked_at=NOW, planned_at=NOW
)


def page(departure: Departure, van: str | None = None) -> str:
    return draw((ROW,), departure, van, SCENE)


def test_a_planned_departure_shows_vans_times_reasons_and_where_distances_come_from() -> None:
    drawn = page(Departure(row=ROW, version=2, plan=PLAN, versions=(STANDING,)))
    for said in (
        "SISR, mixed fleet",
        "it carries every constraint",
        "10 % below the simple rule",
        'data-kind="straight">Straight lines x 1.3',
        "<b>10:30</b>",
        "10:25–10:39",
        "20 min late",
        "1 / 3",
        "50 %",
        "What would help",
        'class="rest"',
        'class="now"',
    ):
        assert said in drawn, said
    # Two vans with one reason are told in one sentence, and what comes from outside is no markup.
    assert drawn.count("it is &lt;too&gt; heavy") == 1


def test_a_search_shows_how_far_it_is_and_how_good() -> None:
    planning = Version(
        version=3,
        state="requested",
        asked_by="job:routes",
        reason="1 more to bring than were planned",
        asked_at=NOW,
        share=0.42,
        best_cost=1_234.0,
        best_unserved=2,
    )
    drawn = page(Departure(row=ROW, version=None, plan=None, planning=planning))
    assert "42 %" in drawn
    assert "best so far 1 234, 2 on no route" in drawn
    assert "1 more to bring" in drawn


def test_what_has_changed_what_was_refused_and_what_is_superseded_is_said() -> None:
    assert "have changed" in page(Departure(row=ROW, version=2, plan=PLAN, stale=True))
    refused = Version(
        version=3,
        state="refused",
        asked_by="staff:Pia",
        reason="",
        asked_at=NOW,
        refusal="no plan holds",
    )
    drawn = page(Departure(row=ROW, version=2, plan=PLAN, versions=(refused, STANDING)))
    assert "could not be planned: no plan holds" in drawn
    older = Version(
        version=1,
        state="superseded",
        asked_by="staff:Pia",
        reason="",
        asked_at=NOW,
        planned_at=NOW,
    )
    drawn = page(Departure(row=ROW, version=1, plan=PLAN, versions=(STANDING, older)))
    assert "superseded" in drawn and "Show the one that stands" in drawn


def test_a_van_of_any_name_has_its_own_address() -> None:
    plan = replace(PLAN, routes=(replace(ROUTE, van="A&B #1"),))
    drawn = page(Departure(row=ROW, version=2, plan=plan, versions=(STANDING,)))
    assert 'href="/console/departures/7?van=A%26B+%231"' in drawn


def test_wishes_stand_beside_their_stops_and_goods_in_a_van_take_none() -> None:
    wishes = {12: Wish(van="VAN-1", note='said "so"'), 13: Wish(forbidden=("VAN-2",), priority=3)}
    departure = Departure(row=ROW, version=2, plan=PLAN, wishes=wishes, versions=(STANDING,))
    drawn = page(departure)
    assert "locked to VAN-1" in drawn and "not VAN-2" in drawn and "priority 3" in drawn
    assert "said &quot;so&quot;" in drawn
    assert "order=12" in drawn
    aboard = Departure(row=ROW, version=2, plan=PLAN, aboard=frozenset({11, 12, 13}))
    assert "order=12" not in page(aboard)


def test_a_departure_without_routes_says_how_they_come() -> None:
    assert "No routes yet" in page(Departure(row=ROW, version=None, plan=None))
    assert "No departure yet" in draw((), None, None, SCENE)

"""Departures over HTTP: planned, wished for, on their way, and expected by shops."""

import httpx
import pytest

from api.departures.messages import (
    DepartureRequest,
    DepartureView,
    ProgressRequest,
    RoutePlanView,
    WishRequest,
)
from tests.api.service import Service, bearer, is_problem, unique
from tests.wms.journey.route.yard import NORTH, Yard, open_yard
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def yard(service: Service) -> Yard:
    return await open_yard(service.pool, "VAN-1", "VAN-2")


async def asked(
    service: Service, planner: dict[str, str], path: str, body: object = None
) -> httpx.Response:
    headers = planner | {"Idempotency-Key": unique("key")}
    return await service.client.post(path, json=body, headers=headers)


async def test_a_departure_is_planned_wished_for_and_driven(
    service: Service, planner: dict[str, str], yard: Yard
) -> None:
    first, second = await yard.put_out(NORTH[0], NORTH[0])
    departure = await yard.departure()
    path = f"/v1/departures/{departure}"
    seen = DepartureView.model_validate((await service.client.get(path, headers=planner)).json())
    assert (seen.kind, seen.state, seen.parcels, seen.version) == ("own_vans", "open", 2, None)
    listed = await service.client.get("/v1/departures?state=open", headers=planner)
    assert departure in [one["id"] for one in listed.json()["items"]]

    answer = await asked(service, planner, f"{path}/plan")
    assert answer.status_code == 202, answer.text
    requested = RoutePlanView.model_validate(answer.json())
    assert (requested.state, requested.routes, requested.vans) == ("requested", [], None)
    await yard.work(departure)
    found = await service.client.get(f"{path}/routes/1", headers=planner)
    plan = RoutePlanView.model_validate(found.json())
    [route] = plan.routes
    assert (plan.state, plan.straight, plan.left_out) == ("planned", True, [])
    assert [stop.loading for stop in route.stops] == [2, 1]
    assert {stop.order_id for stop in route.stops} == {first, second}

    other = "VAN-1" if route.van == "VAN-2" else "VAN-2"
    for order_id, van in ((first, other), (second, route.van)):
        wished = await service.client.put(
            f"{path}/wishes/{order_id}", json={"van": van, "note": "asked"}, headers=planner
        )
        assert wished.status_code == 200, wished.text
    view = DepartureView.model_validate(wished.json())
    assert (view.stale, view.version, [one.van for one in view.wishes]) == (
        True,
        1,
        [other, route.van],
    )
    await asked(service, planner, f"{path}/plan")
    await yard.work(departure)
    versions = (await service.client.get(f"{path}/routes", headers=planner)).json()["items"]
    assert [one["state"] for one in versions] == ["planned", "superseded"]
    again = await service.client.get(f"{path}/routes/2", headers=planner)
    carried = {one["van"]: [s["order_id"] for s in one["stops"]] for one in again.json()["routes"]}
    assert carried == {other: [first], route.van: [second]}

    await (await yard.load(first, second)).do("close")
    body = {"order_id": first, "outcome": "served", "at": "2010-12-01T10:00:00+00:00"}
    served = await asked(service, planner, f"{path}/progress", body)
    assert (served.status_code, served.json()) == (202, {"version": 3})
    await yard.work(departure)
    late = await asked(service, planner, f"{path}/progress", {"van": route.van, "late_s": 1800})
    assert late.json() == {"version": 4}
    view = DepartureView.model_validate((await service.client.get(path, headers=planner)).json())
    assert (view.planning, [one.late_s for one in view.late]) == (4, [1800])

    key = bearer(await service.key_of(yard.shop))
    expected = (await service.client.get(f"/v1/orders/{second}", headers=key)).json()
    [parcel] = expected["parcels"]
    assert parcel["eta"]["earliest"] <= parcel["eta"]["expected"] <= parcel["eta"]["latest"]
    assert parcel["delivered_at"] is None
    [parcel] = (await service.client.get(f"/v1/orders/{first}", headers=key)).json()["parcels"]
    assert (parcel["eta"], parcel["delivered_at"]) == (None, "2010-12-01T10:00:00+00:00")


async def test_a_wish_is_forgotten_and_a_carriers_departure_takes_none(
    service: Service, planner: dict[str, str], yard: Yard
) -> None:
    [order] = await yard.put_out(NORTH[1])
    departure = await yard.departure()
    path = f"/v1/departures/{departure}"
    await service.client.put(f"{path}/wishes/{order}", json={"priority": 4}, headers=planner)
    gone = await service.client.delete(f"{path}/wishes/{order}", headers=planner)
    assert gone.status_code == 204
    body = {"kind": "carrier", "cut_off_at": None}
    view = (await service.client.put(path, json=body, headers=planner)).json()
    assert (view["kind"], view["wishes"]) == ("carrier", [])
    refused = await service.client.put(f"{path}/wishes/{order}", json={}, headers=planner)
    is_problem(refused, 409, "not_own_vans")
    late = {"van": "VAN-1", "late_s": 60}
    is_problem(await asked(service, planner, f"{path}/progress", late), 409, "not_own_vans")
    body = {"kind": "own_vans", "cut_off_at": "2030-01-01T12:00:00+01:00"}
    view = (await service.client.put(path, json=body, headers=planner)).json()
    assert (view["kind"], view["cut_off_at"]) == ("own_vans", "2030-01-01T11:00:00Z")


async def test_a_plan_asked_for_twice_under_one_key_is_one(
    service: Service, planner: dict[str, str], yard: Yard
) -> None:
    await yard.put_out(NORTH[2])
    departure = await yard.departure()
    headers = planner | {"Idempotency-Key": unique("key")}
    versions = []
    for _ in range(2):
        answer = await service.client.post(f"/v1/departures/{departure}/plan", headers=headers)
        versions.append(answer.json()["version"])
        await yard.work(departure)
    assert len(set(versions)) == 1


async def test_what_is_not_there_is_not_found(service: Service, planner: dict[str, str]) -> None:
    nowhere = "/v1/departures/424242"
    for method, path, body in (
        ("GET", nowhere, None),
        ("PUT", nowhere, {"kind": "carrier"}),
        ("GET", f"{nowhere}/routes", None),
        ("GET", f"{nowhere}/routes/1", None),
        ("POST", f"{nowhere}/plan", None),
        ("PUT", f"{nowhere}/wishes/1", {}),
        ("DELETE", f"{nowhere}/wishes/1", None),
        ("POST", f"{nowhere}/progress", {"van": "VAN-1", "late_s": 1}),
    ):
        headers = planner | {"Idempotency-Key": unique("key")}
        answer = await service.client.request(method, path, json=body, headers=headers)
        is_problem(answer, 404, "unknown_departure")


async def test_a_report_says_one_thing(
    service: Service, planner: dict[str, str], yard: Yard
) -> None:
    await yard.put_out(NORTH[3])
    path = f"/v1/departures/{await yard.departure()}"
    at = "2010-12-01T10:00:00+00:00"
    for body in (
        {},
        {"van": "VAN-1"},
        {"order_id": 1, "outcome": "served"},
        {"order_id": 1, "outcome": "served", "at": at, "van": "VAN-1", "late_s": 1},
        {"order_id": 1, "outcome": "planned", "at": at},
        {"van": "VAN-1", "late_s": -1},
        {"van": "VAN-1", "late_s": 1, "note": "why"},
    ):
        is_problem(await asked(service, planner, f"{path}/progress", body), 422, "invalid_body")
    no_key = await service.client.post(f"{path}/progress", json={}, headers=planner)
    assert no_key.status_code in (400, 422)
    is_problem(
        await service.client.get(f"{path}/routes/99", headers=planner), 404, "unknown_version"
    )


def test_the_examples_are_what_they_stand_for() -> None:
    for model in (DepartureRequest, WishRequest, ProgressRequest):
        for example in model.model_json_schema()["examples"]:
            model.model_validate(example)

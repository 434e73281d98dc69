"""Waves over HTTP: asked for, planned by the jobs role, released and taken back."""

import httpx
import pytest

from api.waves.messages import WaveView
from tests import builders
from tests.api.service import Json, Seller, Service, bearer, is_problem
from wms.journey.order.waybill import prepare_waybills
from wms.journey.wave.wave_plan import plan_wave
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=50)


async def firm_order(service: Service, seller: Seller) -> int:
    """A paid order of three cups with its waybill; the number of its fulfilment order."""
    order = await seller.pay(await seller.order(("CUP", 3)))
    fulfilment_order_id: int = order["fulfilment_orders"][0]["id"]
    assert await prepare_waybills(service.pool, fulfilment_order_id, builders.NOW)
    return fulfilment_order_id


async def planned(service: Service, planner: dict[str, str], body: Json) -> WaveView:
    """A wave as a planner asks for it, after the jobs role's plan."""
    asked = await service.client.post("/v1/waves", json=body, headers=planner)
    assert asked.status_code == 202, asked.text
    wave = WaveView.model_validate(asked.json())
    assert (wave.state, wave.carts) == ("requested", [])
    await plan_wave(service.pool, wave.id, builders.solve_first_come, builders.NOW)
    found = await service.client.get(f"/v1/waves/{wave.id}", headers=planner)
    return WaveView.model_validate(found.json())


async def state_of(seller: Seller, order: int) -> str:
    orders = (await seller.get("/v1/orders")).json()["items"]
    state: str = orders[order]["fulfilment_state"]
    return state


async def test_a_wave_is_planned_released_and_taken_back(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    one = await firm_order(service, seller)
    wave = await planned(service, planner, {"fulfilment_order_ids": [one]})
    assert (wave.state, wave.orders, len(wave.carts)) == ("planned", 1, 1)
    assert wave.distance_mm is not None
    assert wave.baseline_mm is not None
    assert wave.saving == pytest.approx(1 - wave.distance_mm / wave.baseline_mm)
    assert wave.carts[0].path
    assert (wave.bound_mm, wave.gap, wave.choice) == (0, None, None)
    assert wave.walk_s == sum(cart.walk_s or 0 for cart in wave.carts) > 0
    assert wave.solve_s is not None
    assert wave.solve_s_max is not None
    assert (wave.solve_s < wave.solve_s_max, wave.ended_by) == (True, "search")
    assert (wave.reason, wave.replans, wave.carts[0].due_at) == ("", False, None)
    path = f"/v1/waves/{wave.id}"
    released = await service.client.post(f"{path}/release", headers=planner)
    assert WaveView.model_validate(released.json()).state == "released"
    assert await state_of(seller, 0) == "released"
    (level,) = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level["reserved"] == 3
    again = await service.client.post(f"{path}/release", headers=planner)
    is_problem(again, 409, "wrong_state")
    back = await service.client.post(f"{path}/unrelease", headers=planner)
    assert WaveView.model_validate(back.json()).state == "unreleased"
    assert await state_of(seller, 0) == "open"
    (level,) = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level["reserved"] == 0
    is_problem(await service.client.post(f"{path}/unrelease", headers=planner), 409, "wrong_state")


async def test_a_wave_of_all_that_wait_releases_itself_where_asked(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    await firm_order(service, seller)
    await firm_order(service, seller)
    wave = await planned(service, planner, {"release": True})
    assert wave.state == "released"
    assert wave.orders >= 2


async def test_a_wave_without_an_order_is_refused_with_its_reason(
    service: Service, planner: dict[str, str]
) -> None:
    wave = await planned(service, planner, {"fulfilment_order_ids": [999_999]})
    assert wave.state == "refused"
    assert wave.refusal


async def test_a_wave_that_is_none_is_not_found(service: Service, planner: dict[str, str]) -> None:
    for method, path in (
        ("GET", "/v1/waves/424242"),
        ("POST", "/v1/waves/424242/release"),
        ("POST", "/v1/waves/424242/unrelease"),
        ("POST", "/v1/waves/424242/replan"),
    ):
        answer = await service.client.request(method, path, headers=planner)
        is_problem(answer, 404, "unknown_wave")
    for body, pointer in (
        ({"fulfilment_order_ids": []}, "/fulfilment_order_ids"),
        ({"fulfilment_order_ids": [10**30]}, "/fulfilment_order_ids/0"),
        ({"size": 3}, "/size"),
    ):
        answer = await service.client.post("/v1/waves", json=body, headers=planner)
        is_problem(answer, 422, "invalid_body", pointer)


async def test_a_wave_says_how_and_where_it_is_walked(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    one = await firm_order(service, seller)
    body = {"fulfilment_order_ids": [one], "mode": "zone", "warehouse": "MAIN"}
    assert (await planned(service, planner, body)).mode == "zone"
    bad = await service.client.post("/v1/waves", json={"mode": "fast"}, headers=planner)
    is_problem(bad, 422, "invalid_body", "/mode")
    nowhere = await service.client.post("/v1/waves", json={"warehouse": "MOON"}, headers=planner)
    is_problem(nowhere, 404, "unknown_warehouse")


async def test_a_wave_asked_for_released_and_taken_back_twice_under_one_key_is_so_once(
    service: Service,
) -> None:
    seller = await service.seller(PLATE=10)
    planner = bearer(await service.sign_in(Role.PLANNER))
    await builders.firm_order(service.pool, seller.shop, ("PLATE", 2))

    async def post(path: str, key: str, body: object = None) -> httpx.Response:
        headers = planner | {"Idempotency-Key": key}
        return await service.client.post(path, json=body, headers=headers)

    asked = [await post("/v1/waves", "ask", {}) for _ in range(3)]
    assert [answer.status_code for answer in asked] == [202] * 3
    [wave_id] = {answer.json()["id"] for answer in asked}
    is_problem(await post("/v1/waves", "ask", {"mode": "zone"}), 422, "idempotency_key_reused")
    assert (await post("/v1/waves", "again", {})).json()["id"] != wave_id
    await plan_wave(service.pool, wave_id, builders.solve_first_come, builders.NOW)
    for verb, state in (("release", "released"), ("unrelease", "unreleased")):
        answers = [await post(f"/v1/waves/{wave_id}/{verb}", verb) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert [answer.json()["state"] for answer in answers] == [state, state]
    is_problem(await post(f"/v1/waves/{wave_id}/release", "late"), 409, "wrong_state")


async def test_a_wave_is_planned_anew_once_under_one_key(service: Service) -> None:
    seller = await service.seller(BOWL=10)
    planner = bearer(await service.sign_in(Role.PLANNER))
    one = await builders.firm_order(service.pool, seller.shop, ("BOWL", 2))
    wave = await planned(service, planner, {"fulfilment_order_ids": [one], "release": True})
    path, headers = f"/v1/waves/{wave.id}/replan", planner | {"Idempotency-Key": "anew"}
    answers = [await service.client.post(path, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    [again] = {answer.json()["id"] for answer in answers}
    assert again != wave.id
    asked = WaveView.model_validate(answers[0].json())
    assert (asked.state, asked.replans) == ("requested", True)
    assert asked.reason == f"wave {wave.id} is planned anew"
    is_problem(await service.client.post(path, headers=planner), 409, "wrong_state")
    await plan_wave(service.pool, again, builders.solve_first_come, builders.NOW)
    found = await service.client.get(f"/v1/waves/{again}", headers=planner)
    assert WaveView.model_validate(found.json()).state == "released"
    old = await service.client.get(f"/v1/waves/{wave.id}", headers=planner)
    assert WaveView.model_validate(old.json()).state == "unreleased"


async def test_only_planners_have_waves_planned_anew(service: Service) -> None:
    operator = bearer(await service.sign_in(Role.OPERATOR))
    refused = await service.client.post("/v1/waves/1/replan", headers=operator)
    assert refused.status_code == 403

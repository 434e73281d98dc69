"""Pauses over HTTP."""

import pytest

from api.pauses.messages import PauseList, PauseView
from tests.api.service import Service, bearer, is_problem, unique
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def test_a_zone_is_paused_once_and_goes_on(service: Service, planner: dict[str, str]) -> None:
    body = {"zone": "A", "reason": "the shelves are inspected"}
    headers = {**planner, "Idempotency-Key": unique("key")}
    made = await service.client.post("/v1/pauses", json=body, headers=headers)
    assert made.status_code == 201, made.text
    pause = PauseView.model_validate(made.json())
    assert (pause.zone, pause.warehouse, pause.ended_at) == ("A", "MAIN", None)
    again = await service.client.post("/v1/pauses", json=body, headers=headers)
    assert again.json() == made.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = {**planner, "Idempotency-Key": unique("key")}
    is_problem(
        await service.client.post("/v1/pauses", json=body, headers=other), 409, "paused_before"
    )
    listed = await service.client.get("/v1/pauses", headers=planner)
    assert pause in PauseList.model_validate(listed.json()).items
    for _ in range(2):
        ended = await service.client.delete(f"/v1/pauses/{pause.id}", headers=planner)
        assert PauseView.model_validate(ended.json()).ended_at is not None
    lasting = await service.client.get("/v1/pauses", headers=planner)
    assert PauseList.model_validate(lasting.json()).items == []
    over = await service.client.get("/v1/pauses?ended=true", headers=planner)
    assert pause.id in [item.id for item in PauseList.model_validate(over.json()).items]


async def test_the_whole_house_is_paused_where_no_zone_is_named(
    service: Service, planner: dict[str, str]
) -> None:
    headers = {**planner, "Idempotency-Key": unique("key")}
    made = await service.client.post("/v1/pauses", json={"reason": "alarm"}, headers=headers)
    pause = PauseView.model_validate(made.json())
    assert pause.zone is None
    await service.client.delete(f"/v1/pauses/{pause.id}", headers=planner)


async def test_bad_pauses_are_refused(service: Service, planner: dict[str, str]) -> None:
    for body, status, code, pointer in (
        ({"zone": "NONE", "reason": "alarm"}, 422, "unknown_zone", "/zone"),
        ({"reason": "  "}, 422, "no_reason", "/reason"),
        ({"reason": "x", "warehouse": "ELSEWHERE"}, 404, "unknown_warehouse", None),
        ({}, 422, "invalid_body", "/reason"),
    ):
        headers = {**planner, "Idempotency-Key": unique("key")}
        answer = await service.client.post("/v1/pauses", json=body, headers=headers)
        is_problem(answer, status, code, pointer)
    missing = await service.client.post("/v1/pauses", json={"reason": "x"}, headers=planner)
    is_problem(missing, 400, "idempotency_key_missing")
    is_problem(
        await service.client.delete("/v1/pauses/999999", headers=planner), 404, "unknown_pause"
    )

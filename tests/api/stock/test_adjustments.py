"""Adjustments over HTTP."""

import pytest

from api.stock.adjustment_messages import AdjustmentView
from tests.api.service import Json, Service, bearer, is_problem, unique
from wms.tenants.staff import Role

PATH = "/v1/inventory/adjustments"


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


def _body(shop: str, **changed: object) -> Json:
    return {"shop": shop, "sku": "CUP", "place": "A-01-01-1", "reason": "broken"} | changed


async def test_an_adjustment_is_booked_once_and_answered_again(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=10)
    headers = planner | {"Idempotency-Key": unique("key")}
    body = _body(seller.shop.name, change=-2)
    answers = [await service.client.post(PATH, json=body, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert AdjustmentView.model_validate(answers[0].json()).on_hand == 8
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    [level] = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert (level["on_hand"], level["sellable"]) == (8, 8)
    other = await service.client.post(
        PATH, json=_body(seller.shop.name, change=-3), headers=headers
    )
    is_problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"sku": "NONE", "change": 1}, "unknown_item", "/sku"),
        ({"shop": "nobody", "change": 1}, "unknown_shop", "/shop"),
        ({"place": "NOWHERE", "change": 1}, "unknown_place", "/place"),
        ({}, "bad_adjustment", "/change"),
        ({"change": "0.5"}, "wrong_unit", "/change"),
        ({"change": 0}, "invalid_body", "/change"),
        ({"change": True}, "invalid_body", "/change"),
        ({"change": 1.5}, "invalid_body", "/change"),
        ({"change": 10**15}, "invalid_body", "/change"),
        ({"change": 1, "status": "gone"}, "invalid_body", "/status"),
        ({"change": 1, "reason": ""}, "invalid_body", "/reason"),
        ({"change": 1, "lot": "a\x00b"}, "invalid_body", "/lot"),
        ({"change": 1, "more": 1}, "invalid_body", "/more"),
    ],
)
async def test_nonsense_is_refused_with_its_field(
    service: Service, planner: dict[str, str], changed: Json, code: str, pointer: str
) -> None:
    seller = await service.seller(CUP=10)
    answer = await service.client.post(
        PATH,
        json=_body(seller.shop.name) | changed,
        headers=planner | {"Idempotency-Key": unique("key")},
    )
    is_problem(answer, 422, code, pointer)
    [level] = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level["on_hand"] == 10


async def test_more_than_there_is_is_a_conflict_and_needs_a_planner_and_a_key(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=10)
    body = _body(seller.shop.name, change=-11)
    key = {"Idempotency-Key": unique("key")}
    is_problem(
        await service.client.post(PATH, json=body, headers=planner | key), 409, "not_enough_stock"
    )
    missing = await service.client.post(PATH, json=body, headers=planner)
    is_problem(missing, 400, "idempotency_key_missing")
    operator = bearer(await service.sign_in(Role.OPERATOR))
    is_problem(
        await service.client.post(PATH, json=body, headers=operator | key), 403, "wrong_role"
    )

"""Refill rules over HTTP."""

import pytest

from api.refill.messages import RuleList, RuleView
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.builders import BINS
from wms.bins.place import Place, PlaceKind, Purpose
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=10)


def path(seller: Seller, sku: str = "cup", place: str = BINS[0]) -> str:
    return f"/v1/refill-rules/{sku}/{place}?shop={seller.shop.name}"


async def test_a_rule_is_set_read_changed_and_dropped(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    for least, most in ((0, 5), (6, 24), (6, 24)):
        put = await service.client.put(
            path(seller), json={"min": least, "max": most}, headers=planner
        )
        assert put.status_code == 200, put.text
        rule = RuleView.model_validate(put.json())
        assert (rule.sku, rule.place, rule.min, rule.max) == ("CUP", BINS[0], least, most)
    got = await service.client.get(path(seller), headers=planner)
    assert RuleView.model_validate(got.json()) == rule
    listed = await service.client.get("/v1/refill-rules", headers=planner)
    assert rule in RuleList.model_validate(listed.json()).items
    assert (await service.client.delete(path(seller), headers=planner)).status_code == 204
    is_problem(await service.client.get(path(seller), headers=planner), 404, "unknown_rule")
    is_problem(await service.client.delete(path(seller), headers=planner), 404, "unknown_rule")


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"min": 7, "max": 6}, "bad_rule", "/max"),
        ({"min": -1, "max": 6}, "invalid_body", None),
        ({"min": 1, "max": 0}, "invalid_body", None),
        ({"min": 1, "max": 10**13}, "invalid_body", None),
        ({"min": "0.5", "max": 6}, "wrong_unit", "/min"),
        ({"min": 1}, "invalid_body", "/max"),
    ],
)
async def test_a_rule_without_sense_is_refused(
    service: Service,
    seller: Seller,
    planner: dict[str, str],
    body: Json,
    code: str,
    pointer: str | None,
) -> None:
    answer = await service.client.put(path(seller), json=body, headers=planner)
    is_problem(answer, 422, code, pointer)
    is_problem(await service.client.get(path(seller), headers=planner), 404, "unknown_rule")


async def test_a_rule_names_what_there_is(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    reserve = unique("RESERVE")
    async with staff_transaction(service.pool) as connection:
        await entry.enter_places(
            connection,
            "MAIN",
            [Place(reserve, PlaceKind.BIN, aisle=0, y_mm=1, purpose=Purpose.RESERVE)],
        )
    body = {"min": 1, "max": 6}
    for url, status, code in (
        (path(seller, sku="NONE"), 404, "unknown_item"),
        (path(seller, place="NOWHERE"), 404, "unknown_place"),
        (path(seller, place="CONVEYOR"), 422, "not_forward"),
        (path(seller, place=reserve), 422, "not_forward"),
        (f"/v1/refill-rules/CUP/{BINS[0]}?shop=nobody", 404, "unknown_shop"),
    ):
        is_problem(await service.client.put(url, json=body, headers=planner), status, code)

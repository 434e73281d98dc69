"""Places as planners enter and read them, in one warehouse or several."""

from typing import Any

import httpx
import pytest

from tests.api.service import Service, bearer, is_problem
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.tenants.staff import Role

BIN: dict[str, Any] = {"kind": "bin", "aisle": 0, "y_mm": 600}


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    async with staff_transaction(service.pool) as connection:
        await entry.enter_warehouse(connection, {"code": "EAST", "name": "East"})
    return bearer(await service.sign_in(Role.PLANNER))


async def put(
    service: Service, planner: dict[str, str], code: str, body: dict[str, Any], **where: str
) -> httpx.Response:
    return await service.client.put(f"/v1/places/{code}", json=body, params=where, headers=planner)


async def test_a_place_comes_back_whole(service: Service, planner: dict[str, str]) -> None:
    body = BIN | {
        "zone": "C", "bay": 3, "level": 2, "x_mm": 10, "walk_seq": 5, "volume_ml": 9, "lane": None,
        "purpose": "reserve", "mass_g_max": 100, "units_max": 5, "mixing": "lot",
        "storage_classes": ["cold"], "blocked_in": False, "blocked_out": True,
    }  # fmt: skip
    entered = await put(service, planner, "C-01", body, warehouse="EAST")
    assert entered.status_code == 200, entered.text
    assert entered.json() == body | {"code": "C-01", "warehouse": "EAST"}
    listed = await service.client.get("/v1/places?warehouse=EAST", headers=planner)
    assert entered.json() in listed.json()["items"]
    assert {place["warehouse"] for place in listed.json()["items"]} == {"EAST"}
    everywhere = await service.client.get("/v1/places?limit=500", headers=planner)
    assert {place["warehouse"] for place in everywhere.json()["items"]} == {"EAST", "MAIN"}
    again = {k: v for k, v in entered.json().items() if k not in ("code", "warehouse")}
    assert (await put(service, planner, "C-01", again, warehouse="EAST")).json() == entered.json()


async def test_what_is_wrong_with_a_place_is_told(
    service: Service, planner: dict[str, str]
) -> None:
    for code, body, status, problem, pointer in (
        ("B-01", {"kind": "bin"}, 422, "bad_place", None),
        ("B-01", {"kind": "shelf"}, 422, "invalid_body", "/kind"),
        ("B-01", BIN | {"mixing": "sometimes"}, 422, "invalid_body", "/mixing"),
        ("B-01", BIN | {"units_max": 0}, 422, "invalid_body", "/units_max"),
        ("B-01", BIN | {"aisle": 10**12}, 422, "invalid_body", "/aisle"),
        ("B-01", BIN | {"storage_classes": ["a;b"]}, 422, "bad_place", "/storage_classes"),
        ("B" * 50, BIN, 422, "bad_place", "/code"),
        ("CART-01", BIN, 409, "kind_fixed", "/kind"),
        ("B-01", BIN | {"lane": 1}, 409, "lane_taken", None),
    ):
        is_problem(await put(service, planner, code, body), status, problem, pointer)
    nowhere = await put(service, planner, "B-01", BIN, warehouse="NOWHERE")
    is_problem(nowhere, 404, "unknown_warehouse")
    listed = await service.client.get("/v1/places?warehouse=NOWHERE", headers=planner)
    is_problem(listed, 404, "unknown_warehouse")
    operator = bearer(await service.sign_in(Role.OPERATOR))
    is_problem(await put(service, operator, "B-01", BIN), 403, "wrong_role")

"""Handling units over HTTP."""

import httpx
import pytest

from api.units.messages import UnitView
from tests.api.service import Json, Service, bearer, is_problem, unique
from tests.builders import BINS
from wms.tenants.staff import Role

PATH = "/v1/handling-units"


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def _post(service: Service, planner: dict[str, str], path: str, body: Json) -> httpx.Response:
    headers = planner | {"Idempotency-Key": unique("key")}
    return await service.client.post(PATH + path, json=body, headers=headers)


async def test_a_pallet_is_made_up_filled_nested_and_moved(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=10)
    made = await _post(service, planner, "", {"kind": "pallet", "place": BINS[0]})
    assert made.status_code == 201
    pallet = UnitView.model_validate(made.json()).code
    case = unique("LPN")
    await _post(service, planner, "", {"kind": "case", "place": BINS[0], "code": case})
    goods = {"shop": seller.shop.name, "sku": "cup", "quantity": 4}
    assert (await _post(service, planner, f"/{case}/contents", goods)).status_code == 200
    nested = await _post(service, planner, f"/{pallet}/handling-units", {"handling_unit": case})
    assert nested.json()["handling_units"] == [case]
    moved = await _post(service, planner, f"/{pallet}/moves", {"place": BINS[1]})
    assert moved.json()["place"] == BINS[1]
    found = await service.client.get(f"{PATH}/{case}", headers=planner)
    view = UnitView.model_validate(found.json())
    assert (view.place, view.inside, view.contents[0].on_hand) == (BINS[1], pallet, 4)
    ring = await _post(service, planner, f"/{case}/handling-units", {"handling_unit": pallet})
    is_problem(ring, 422, "unit_ring")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "pallet", "place": BINS[0], "code": "012345678901234567"}, 422, "bad_sscc"),
        ({"kind": "pallet", "place": "NOWHERE"}, 422, "unknown_place"),
        ({"kind": "pallet", "place": BINS[0], "warehouse": "NONE"}, 404, "unknown_warehouse"),
        ({"kind": "tote", "place": BINS[0]}, 422, "invalid_body"),
    ],
)
async def test_a_unit_that_cannot_be_is_refused(
    service: Service, planner: dict[str, str], body: Json, status: int, code: str
) -> None:
    is_problem(await _post(service, planner, "", body), status, code)


async def test_contents_that_are_not_there_and_units_that_are_not_are_refused(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(CUP=3)
    goods = {"shop": seller.shop.name, "sku": "CUP", "quantity": 4}
    is_problem(await _post(service, planner, "/LPN-NONE/contents", goods), 404, "unknown_unit")
    code = unique("LPN")
    await _post(service, planner, "", {"kind": "case", "place": BINS[0], "code": code})
    for changed, status, refused in (
        ({}, 409, "not_enough_stock"),
        ({"sku": "NONE"}, 422, "unknown_item"),
        ({"shop": "nobody"}, 422, "unknown_shop"),
        ({"quantity": "1.5"}, 422, "wrong_unit"),
        ({"quantity": -1}, 422, "invalid_body"),
    ):
        answer = await _post(service, planner, f"/{code}/contents", goods | changed)
        is_problem(answer, status, refused)
    absent = await service.client.get(f"{PATH}/LPN-NONE", headers=planner)
    is_problem(absent, 404, "unknown_unit")

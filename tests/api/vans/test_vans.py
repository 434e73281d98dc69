"""The house's own vans over HTTP."""

import pytest

from api.vans.messages import VanRequest
from tests.api.service import Json, Service, bearer, is_problem
from wms.tenants.staff import Role

[EXAMPLE] = VanRequest.model_json_schema()["examples"]


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def test_a_van_is_entered_changed_and_listed(
    service: Service, planner: dict[str, str]
) -> None:
    entered = await service.client.put("/v1/vans/VAN-07", json=EXAMPLE, headers=planner)
    assert entered.status_code == 200, entered.text
    van: Json = entered.json()
    assert (van["code"], van["warehouse"], van["in_service"]) == ("VAN-07", "MAIN", True)
    assert van["pause"] == EXAMPLE["pause"]
    changed = EXAMPLE | {"in_service": False, "pause": None, "driving_rule": True}
    again = await service.client.put("/v1/vans/VAN-07", json=changed, headers=planner)
    assert (again.json()["in_service"], again.json()["pause"]) == (False, None)
    listed = await service.client.get("/v1/vans", headers=planner)
    assert [one for one in listed.json()["items"] if one["code"] == "VAN-07"] == [again.json()]


@pytest.mark.parametrize(
    "bad",
    [
        {"shift_to": "06:00:00"},
        {"shift_from": "07:00:00+02:00"},
        {"mass_g_max": 0},
        {"cost_per_km_minor": -1},
        {"speed_factor": 0},
        {"pause": {"begins_from": "13:00:00", "begins_until": "12:00:00", "minutes": 30}},
        {"pause": {"begins_from": "12:00:00", "begins_until": "13:00:00", "minutes": 0}},
        {"wheels": 4},
    ],
)
async def test_a_van_that_makes_no_sense_is_refused(
    service: Service, planner: dict[str, str], bad: Json
) -> None:
    answer = await service.client.put("/v1/vans/VAN-08", json=EXAMPLE | bad, headers=planner)
    is_problem(answer, 422, "invalid_body")


async def test_only_planners_see_vans_and_only_of_a_warehouse_that_is_one(
    service: Service, planner: dict[str, str]
) -> None:
    picker = bearer(await service.sign_in(Role.OPERATOR))
    is_problem(await service.client.get("/v1/vans", headers=picker), 403, "wrong_role")
    elsewhere = await service.client.get("/v1/vans?warehouse=MOON", headers=planner)
    is_problem(elsewhere, 404, "unknown_warehouse")

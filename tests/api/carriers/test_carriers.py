"""Carriers' cut-offs over HTTP."""

import pytest

from tests.api.service import Service, bearer, is_problem
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def test_a_carrier_s_cut_off_is_set_and_taken_away(
    service: Service, planner: dict[str, str]
) -> None:
    for cut_off in ("16:30:00", None):
        answer = await service.client.put(
            "/v1/carriers/SIMEX", json={"cut_off": cut_off}, headers=planner
        )
        assert answer.json() == {
            "code": "SIMEX",
            "name": "Simex",
            "cut_off": cut_off,
            "own_vans": False,
        }


async def test_a_carrier_becomes_the_house_itself_and_stays_so(
    service: Service, planner: dict[str, str]
) -> None:
    async def own_vans(body: dict[str, object]) -> object:
        answer = await service.client.put("/v1/carriers/SIMEX", json=body, headers=planner)
        return answer.json()["own_vans"]

    assert await own_vans({"cut_off": None, "own_vans": True}) is True
    assert await own_vans({"cut_off": "16:30:00"}) is True
    assert await own_vans({"cut_off": None, "own_vans": False}) is False


async def test_a_cut_off_that_is_none_is_refused(service: Service, planner: dict[str, str]) -> None:
    for bad in ({}, {"cut_off": "25:00"}, {"cut_off": "16:00:00+02:00"}, {"cut_off": "noon"}):
        answer = await service.client.put("/v1/carriers/SIMEX", json=bad, headers=planner)
        is_problem(answer, 422, "invalid_body")
    unknown = await service.client.put(
        "/v1/carriers/NOBODY", json={"cut_off": None}, headers=planner
    )
    is_problem(unknown, 404, "unknown_carrier")

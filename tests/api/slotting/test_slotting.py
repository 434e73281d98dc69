"""Re-slotting over HTTP: asked for, planned by the jobs role's solver, and read."""

import pytest

from api.jobs.solver import Solver
from api.slotting.messages import SlottingView
from tests.api.service import Service, bearer, is_problem, unique
from wms.journey.goods.slotting import plan_slotting
from wms.slotting.slotting import NO_PICKS
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


async def test_a_proposal_without_picks_says_so(service: Service, planner: dict[str, str]) -> None:
    await service.seller(MUG=3)
    headers = planner | {"Idempotency-Key": unique("key")}
    asked = await service.client.post(
        "/v1/slotting-proposals", json={"moves_max": 5}, headers=headers
    )
    assert asked.status_code == 202, asked.text
    proposal = SlottingView.model_validate(asked.json())
    assert (proposal.state, proposal.moves) == ("requested", [])
    house = service.app.state.house
    solver = Solver(house.settings)
    await plan_slotting(service.pool, proposal.id, solver.solve_slots, house.now())
    path = f"/v1/slotting-proposals/{proposal.id}"
    found = SlottingView.model_validate((await service.client.get(path, headers=planner)).json())
    assert (found.state, found.reason, found.carts) == ("nothing", NO_PICKS, 0)
    refused = await service.client.post(
        f"{path}/accept", headers=planner | {"Idempotency-Key": unique("key")}
    )
    is_problem(refused, 409, "wrong_state")


@pytest.mark.parametrize("moves_max", [0, 201, "5", 1.5, True])
async def test_nonsense_is_refused(
    service: Service, planner: dict[str, str], moves_max: object
) -> None:
    answer = await service.client.post(
        "/v1/slotting-proposals",
        json={"moves_max": moves_max},
        headers=planner | {"Idempotency-Key": unique("key")},
    )
    is_problem(answer, 422, "invalid_body")


async def test_an_unknown_proposal_is_refused(service: Service, planner: dict[str, str]) -> None:
    answer = await service.client.get("/v1/slotting-proposals/999999", headers=planner)
    is_problem(answer, 404, "unknown_proposal")

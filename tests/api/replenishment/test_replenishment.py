"""Replenishment over HTTP: asked for, forecast by the jobs role's solver, read and decided."""

from datetime import UTC, datetime

import pytest

from api.jobs.solver import Solver
from api.replenishment.messages import (
    ApprovalView,
    CapacityView,
    ProposalList,
    ProposalView,
    RunView,
    StockView,
    TransferList,
)
from api.replenishment.rule import stock_limits
from tests.api.service import Seller, Service, bearer, is_problem, unique
from tests.wms.journey.replenish.season import bought_from, leave, sell
from wms.journey.replenish.run import plan_run
from wms.tenants.staff import Role

WEEKS = (4, 6, 5, 5, 7, 4, 5) * 5
PATH = "/v1/replenishment"


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


def keyed(planner: dict[str, str]) -> dict[str, str]:
    return planner | {"Idempotency-Key": unique("key")}


async def short(service: Service) -> Seller:
    """A shop whose mugs run out."""
    seller = await service.seller(MUG=1_000)
    await sell(service.pool, seller.shop, "MUG", *WEEKS, until=datetime.now(UTC))
    await bought_from(service.pool, seller.shop, "MUG", minimum=12, multiple=12)
    await leave(service.pool, seller.shop, "MUG", 5)
    return seller


async def forecast(service: Service, planner: dict[str, str]) -> RunView:
    """A run that was asked for and made as the jobs role makes it."""
    asked = await service.client.post(f"{PATH}/runs", headers=keyed(planner))
    assert asked.status_code == 202, asked.text
    run = RunView.model_validate(asked.json())
    house = service.app.state.house
    solver = Solver(house.settings)
    try:
        limits = stock_limits(house.settings)
        await plan_run(service.pool, run.id, solver.forecast, limits, house.now())
    finally:
        solver.close()
    found = await service.client.get(f"{PATH}/runs/{run.id}", headers=planner)
    return RunView.model_validate(found.json())


async def proposal_of(service: Service, planner: dict[str, str], seller: Seller) -> ProposalView:
    found = await service.client.get(f"{PATH}/proposals?limit=200", headers=planner)
    proposals = ProposalList.model_validate(found.json()).items
    [mine] = [one for one in proposals if one.owner == seller.shop.name]
    return mine


async def test_a_run_leaves_proposals_levels_and_days_ahead(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await short(service)
    run = await forecast(service, planner)
    assert (run.state, run.reason) == ("done", "")
    proposal = await proposal_of(service, planner, seller)
    assert (proposal.item, proposal.kind, proposal.supplier) == ("MUG", "purchase", "STOKE")
    assert isinstance(proposal.quantity, int) and proposal.quantity % 12 == 0
    one = await service.client.get(f"{PATH}/proposals/{proposal.id}", headers=planner)
    assert ProposalView.model_validate(one.json()) == proposal

    query = f"shop={seller.shop.name}&sku=mug"
    found = await service.client.get(f"{PATH}/stock?{query}", headers=planner)
    stock = StockView.model_validate(found.json())
    assert stock.reorder_point == proposal.reorder_point
    assert stock.past[-1] == 5.0 and len(stock.mean) == len(stock.high) == 28
    assert list(stock.quantiles.values()) == sorted(stock.quantiles.values())
    ahead = await service.client.get(f"{PATH}/capacity", headers=planner)
    capacity = CapacityView.model_validate(ahead.json())
    assert len({day.day for day in capacity.days}) == 28


async def test_a_planner_changes_and_approves_and_the_order_is_on_its_way(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await short(service)
    await forecast(service, planner)
    proposal = await proposal_of(service, planner, seller)
    body = {"proposals": [{"id": proposal.id, "quantity": 35}]}
    refused = await service.client.post(f"{PATH}/approvals", json=body, headers=keyed(planner))
    is_problem(refused, 422, "not_allowed_quantity")
    body = {"proposals": [{"id": proposal.id, "quantity": 36}]}
    headers = keyed(planner)
    first = await service.client.post(f"{PATH}/approvals", json=body, headers=headers)
    [approved] = ApprovalView.model_validate(first.json()).items
    assert (approved.state, approved.approved_quantity) == ("approved", 36)
    again = await service.client.post(f"{PATH}/approvals", json=body, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == first.json()
    order = await seller.get(f"/v1/purchase-orders/{approved.purchase_order_id}")
    assert order.json()["state"] == "sent"
    assert order.json()["lines"][0]["quantity"] == 36
    late = await service.client.post(
        f"{PATH}/proposals/{proposal.id}/reject", json={"note": ""}, headers=keyed(planner)
    )
    is_problem(late, 409, "wrong_state")


async def test_an_item_is_held_for_a_service_of_its_own(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await short(service)
    query = f"shop={seller.shop.name}&sku=MUG"
    early = await service.client.get(f"{PATH}/stock?{query}", headers=planner)
    is_problem(early, 404, "no_forecast")
    path = f"{PATH}/stock/service?{query}"
    done = await service.client.put(path, json={"service_percent": 99.5}, headers=planner)
    assert done.status_code == 204, done.text
    await forecast(service, planner)
    found = await service.client.get(f"{PATH}/stock?{query}", headers=planner)
    assert StockView.model_validate(found.json()).service_percent == 99.5
    assert "at 99.5 %" in (await proposal_of(service, planner, seller)).reason


@pytest.mark.parametrize("service_percent", [0, 100, -1, "97", True])
async def test_nonsense_is_no_service(
    service: Service, planner: dict[str, str], service_percent: object
) -> None:
    answer = await service.client.put(
        f"{PATH}/stock/service?shop=x&sku=y",
        json={"service_percent": service_percent},
        headers=planner,
    )
    is_problem(answer, 422, "invalid_body")


async def test_unknown_things_are_refused(service: Service, planner: dict[str, str]) -> None:
    for path, code in (
        ("/v1/replenishment/runs/999999", "unknown_run"),
        ("/v1/replenishment/proposals/999999", "unknown_proposal"),
        ("/v1/transfers/999999", "unknown_transfer"),
        ("/v1/replenishment/stock?shop=nobody&sku=X", "unknown_shop"),
    ):
        is_problem(await service.client.get(path, headers=planner), 404, code)
    sent = await service.client.post("/v1/transfers/999999/send", json={}, headers=keyed(planner))
    is_problem(sent, 404, "unknown_transfer")
    none = await service.client.get("/v1/transfers?state=sent", headers=planner)
    assert TransferList.model_validate(none.json()).items == []


async def test_it_is_for_planners(service: Service) -> None:
    operator = bearer(await service.sign_in(Role.OPERATOR))
    is_problem(await service.client.get(f"{PATH}/proposals", headers=operator), 403, "wrong_role")

"""Counts over HTTP: asked for, counted on a handheld, reviewed, and summed up as drift."""

from typing import Any

import pytest

from api.counts.messages import CountView, DriftReport
from tests.api.service import Json, Service, bearer, is_problem, unique
from tests.builders import BINS
from wms.database.pool import staff_transaction
from wms.tenants.staff import Role


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    """A planner of a house in which no count of another test is left to be done."""
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            "update count_task set state = 'void' where state in ('open', 'claimed')"
        )
    return bearer(await service.sign_in(Role.PLANNER))


async def post(
    service: Service, who: dict[str, str], path: str, body: object = None, key: str | None = None
) -> Any:
    headers = who | {"Idempotency-Key": key or unique("key")}
    return await service.client.post(path, json=body, headers=headers)


async def ask(service: Service, planner: dict[str, str], **more: object) -> CountView:
    answer = await post(
        service, planner, "/v1/counts", {"place": BINS[0], "reason": "audit"} | more
    )
    assert answer.status_code == 201, answer.text
    return CountView.model_validate(answer.json())


async def count_on_a_handheld(service: Service, *givens: Json) -> list[Json]:
    token = await service.sign_in(Role.OPERATOR)
    screens = []
    for given in ({"action": "count"}, {"input": BINS[0]}, *givens):
        answer = await service.client.post(
            "/handheld/scans", json={"id": unique("an-input")} | given, headers=bearer(token)
        )
        assert answer.status_code == 200, answer.text
        screens.append(answer.json())
    return screens


async def get(service: Service, planner: dict[str, str], count_id: int) -> CountView:
    answer = await service.client.get(f"/v1/counts/{count_id}", headers=planner)
    assert answer.status_code == 200, answer.text
    return CountView.model_validate(answer.json())


async def test_a_count_goes_from_request_to_review_to_the_books(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(MUG=10)
    task = await ask(service, planner, shop=seller.shop.name, sku="mug")
    assert (task.state, task.sku, task.lines) == ("open", "MUG", [])
    await count_on_a_handheld(
        service, {"input": "MUG"}, {"action": "counted", "quantity": 7}, {"action": "finish"}
    )
    counted = await get(service, planner, task.id)
    [line] = counted.lines
    # Nobody has said what a mug is worth, so somebody has to look.
    assert (counted.state, line.expected, line.counted, line.variance) == ("review", 10, 7, -3)
    key = unique("key")
    for replayed in (None, "true"):
        answer = await post(service, planner, f"/v1/counts/{task.id}/approve", key=key)
        assert answer.status_code == 200, answer.text
        assert answer.headers.get("Idempotent-Replayed") == replayed
        assert answer.json()["lines"][0]["applied"] == -3
    levels = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert [level["on_hand"] for level in levels] == [7]
    again = await post(service, planner, f"/v1/counts/{task.id}/approve")
    is_problem(again, 409, "wrong_state")


async def test_a_rejected_count_is_asked_for_again(
    service: Service, planner: dict[str, str]
) -> None:
    seller = await service.seller(MUG=10)
    task = await ask(service, planner, shop=seller.shop.name, sku="MUG")
    await count_on_a_handheld(service, {"input": "MUG", "quantity": 7}, {"action": "finish"})
    answer = await post(service, planner, f"/v1/counts/{task.id}/reject")
    assert answer.json()["state"] == "void"
    listed = await service.client.get(
        "/v1/counts", params={"state": "open", "limit": 500}, headers=planner
    )
    assert task.id in {one["recount_of"] for one in listed.json()["items"]}


async def test_drift_says_what_counts_have_found(service: Service, planner: dict[str, str]) -> None:
    seller = await service.seller(MUG=10, CUP=4)
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            "update item set cost_minor = 50 where owner_id = $1", seller.shop.owner_id
        )
    for sku, found in (("MUG", 8), ("CUP", 4)):
        await ask(service, planner, shop=seller.shop.name, sku=sku)
        await count_on_a_handheld(service, {"input": sku, "quantity": found}, {"action": "finish"})
    answer = await service.client.get(
        "/v1/counts/drift", params={"since": "2020-01-01T00:00:00Z"}, headers=planner
    )
    report = DriftReport.model_validate(answer.json())
    rows = {row.sku: row for row in report.rows if row.owner == seller.shop.name}
    rows = rows or {row.sku: row for row in report.rows}
    assert (rows["MUG"].counts, rows["MUG"].exact_share, rows["MUG"].lost) == (1, 0.0, 2)
    assert (rows["MUG"].lost_minor, rows["MUG"].reason) == (100, "audit")
    assert (rows["CUP"].exact_share, rows["CUP"].lost) == (1.0, 0)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"place": "NOWHERE"}, 422, "unknown_place"),
        ({"place": "LOSS"}, 422, "no_storage"),
        ({"warehouse": "NONE"}, 404, "unknown_warehouse"),
        ({"shop": "nobody", "sku": "MUG"}, 422, "unknown_shop"),
        ({"sku": "MUG"}, 422, "invalid_body"),
        ({"reason": ""}, 422, "invalid_body"),
        ({"expected": 3}, 422, "invalid_body"),
    ],
)
async def test_nonsense_is_refused(
    service: Service, planner: dict[str, str], change: Json, status: int, code: str
) -> None:
    await service.seller(MUG=1)
    answer = await post(
        service, planner, "/v1/counts", {"place": BINS[0], "reason": "audit"} | change
    )
    is_problem(answer, status, code)


async def test_an_unknown_count_and_another_s_item_are_refused(
    service: Service, planner: dict[str, str]
) -> None:
    mine, other = await service.seller(MUG=1), await service.seller(CUP=1)
    answer = await post(
        service,
        planner,
        "/v1/counts",
        {"place": BINS[0], "reason": "x", "shop": other.shop.name, "sku": "MUG"},
    )
    is_problem(answer, 422, "unknown_item")
    is_problem(await post(service, planner, "/v1/counts/999999/approve"), 404, "unknown_count")
    assert (await mine.get("/v1/counts")).status_code == 401
    operator = bearer(await service.sign_in(Role.OPERATOR))
    answer = await service.client.get("/v1/counts", headers=operator)
    is_problem(answer, 403, "wrong_role")

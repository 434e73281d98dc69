"""Orders that are taken back over HTTP."""

import pytest

from api.cancellations.messages import CancellationView
from tests.api.service import Seller, Service, bearer, is_problem, unique


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=50)


async def test_an_order_is_cancelled_once_and_says_so_ever_after(
    service: Service, seller: Seller
) -> None:
    order = await seller.order(("CUP", 3))
    path = f"/v1/orders/{order['id']}/cancellation-requests"
    key = unique("key")
    body = {"reason": "ordered twice"}
    headers = bearer(seller.key) | {"Idempotency-Key": key}
    made = await service.client.post(path, json=body, headers=headers)
    assert made.status_code == 201, made.text
    view = CancellationView.model_validate(made.json())
    assert (view.state, view.order_state, view.refusal) == ("done", "cancelled", None)
    again = await service.client.post(path, json=body, headers=headers)
    assert (again.status_code, again.json()) == (201, made.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = bearer(seller.key) | {"Idempotency-Key": unique("key")}
    second = await service.client.post(path, json={"reason": "really"}, headers=other)
    assert (second.status_code, second.json()) == (200, made.json())
    assert (await seller.get(f"{path}/{view.id}")).json() == made.json()
    found = (await seller.get(f"/v1/orders/{order['id']}")).json()
    assert (found["state"], found["fulfilment_orders"][0]["state"]) == ("cancelled", "cancelled")
    (level,) = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level["promised"] == 0


async def test_bad_cancellations_are_refused(service: Service, seller: Seller) -> None:
    order = await seller.order(("CUP", 3))
    path = f"/v1/orders/{order['id']}/cancellation-requests"
    headers = bearer(seller.key) | {"Idempotency-Key": unique("key")}
    stranger = await service.seller(MUG=1)
    for body in ({}, {"reason": ""}, {"reason": "x" * 201}, {"reason": "x", "now": True}):
        answer = await service.client.post(path, json=body, headers=headers)
        is_problem(answer, 422, "invalid_body")
    asked = {"reason": "ordered twice"}
    is_problem(
        await service.client.post(path, json=asked, headers=bearer(seller.key)),
        400,
        "idempotency_key_missing",
    )
    foreign = bearer(stranger.key) | {"Idempotency-Key": unique("key")}
    is_problem(await service.client.post(path, json=asked, headers=foreign), 404, "unknown_order")
    is_problem(await seller.get(f"{path}/424242"), 404, "unknown_cancellation")
    (level,) = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level["promised"] == 3

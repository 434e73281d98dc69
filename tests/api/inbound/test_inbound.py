"""Inbound shipments over HTTP: announced by shops, taken in by planners."""

import asyncio

import pytest

from api.inbound.messages import (
    DateRequest,
    DecisionRequest,
    InboundRequest,
    InboundView,
    InspectionList,
    InspectionView,
    ReceiptRequest,
    ReceivedView,
)
from tests import builders
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.patience import PATIENCE_S
from tests.wms.journey.dockside import open_dock
from wms.database.pool import staff_transaction
from wms.tenants.staff import Role

PATH = "/v1/inbound-shipments"


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    await open_dock(service.pool)
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=0)


def asn(*lines: tuple[str, int | str], **changed: object) -> Json:
    """An ASN as a shop posts it."""
    body: Json = {
        "kind": "asn",
        "reference": unique("DN"),
        "expected_at": "2030-12-06T09:00:00+01:00",
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
    }
    return body | changed


async def announced(seller: Seller, body: Json) -> InboundView:
    answer = await seller.post(PATH, body)
    assert answer.status_code == 201, answer.text
    return InboundView.model_validate(answer.json())


async def post(
    service: Service, headers: dict[str, str], path: str, body: object = None, key: str = ""
) -> tuple[int, Json, bool]:
    """A planner's POST: status, body, and whether it was answered before."""
    headers = headers | {"Idempotency-Key": key or unique("key")}
    answer = await service.client.post(path, json=body, headers=headers)
    return answer.status_code, answer.json(), "Idempotent-Replayed" in answer.headers


async def _told_of(seller: Seller, count: int) -> list[str]:
    """The inbound events in their order, once there are so many.

    The feed never passes the oldest transaction of the server, which others use as well.
    """
    async with asyncio.timeout(PATIENCE_S):
        while True:
            events = (await seller.get("/v1/events")).json()["items"]
            told = [event["type"] for event in events if event["type"].startswith("inbound")]
            if len(told) >= count:
                return told
            await asyncio.sleep(0.05)


async def test_an_asn_is_announced_received_and_closed(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    shipment = await announced(seller, asn(("cup", 10), tolerance_percent=20))
    assert (shipment.state, shipment.label) == ("announced", f"IN-{shipment.id}")
    path = f"{PATH}/{shipment.id}"
    lines = [{"sku": "CUP", "quantity": 8}, {"sku": "CUP", "quantity": 1, "condition": "damaged"}]
    answers = [
        await post(service, planner, f"{path}/receipts", {"lines": lines}, "one and the same")
        for _ in range(5)
    ]
    assert [(status, replayed) for status, _, replayed in answers] == [(201, False)] + [
        (201, True)
    ] * 4
    view = ReceivedView.model_validate(answers[0][1])
    assert [(line.status, line.quantity) for line in view.receipt.lines] == [
        ("available", 8),
        ("damaged", 1),
    ]
    assert (view.differences[0].under, view.differences[0].damaged) == (1, 1)
    (level,) = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert (level["on_hand"], level["sellable"]) == (9, 8)
    status, closed, _ = await post(service, planner, f"{path}/close")
    assert (status, closed["state"]) == (200, "closed")
    found = InboundView.model_validate((await seller.get(path)).json())
    assert found.state == "closed"
    listed = (await seller.get(PATH)).json()
    assert [row["id"] for row in listed["items"]] == [shipment.id]
    told = ["inbound.announced", "inbound.received", "inbound.closed"]
    assert await _told_of(seller, len(told)) == told
    headers = planner | {"Idempotency-Key": unique("key")}
    late = await service.client.post(f"{path}/receipts", json={"lines": lines}, headers=headers)
    is_problem(late, 409, "wrong_state")


async def test_an_announcement_is_dated_anew_and_taken_back(seller: Seller) -> None:
    shipment = await announced(seller, asn(("CUP", 10)))
    path = f"{PATH}/{shipment.id}"
    later = await seller.put(f"{path}/expected-at", {"expected_at": "2031-01-01T00:00:00Z"})
    assert InboundView.model_validate(later.json()).expected_at is not None
    assert later.json()["expected_at"].startswith("2031-01-01")
    key = unique("key")
    for _ in range(2):
        cancelled = await seller.post(f"{path}/cancel", None, key)
        assert InboundView.model_validate(cancelled.json()).state == "cancelled"
    is_problem(await seller.post(f"{path}/cancel", None), 409, "wrong_state")
    gone = await seller.put(f"{path}/expected-at", {"expected_at": "2031-01-02T00:00:00Z"})
    is_problem(gone, 409, "wrong_state")


async def test_a_wrong_announcement_is_refused_with_its_reason(
    service: Service, seller: Seller
) -> None:
    await service.seller(FOREIGN=0)
    for body, code, pointer in (
        (asn(("NONE", 1)), "unknown_item", "/lines/0/sku"),
        (asn(("FOREIGN", 1)), "unknown_item", "/lines/0/sku"),
        (asn(("CUP", "1.5")), "wrong_unit", "/lines/0/quantity"),
        (asn(("CUP", 1), expected_at=None), "date_missing", "/expected_at"),
        (asn(), "lines_missing", "/lines"),
        (asn(("CUP", 1), supplier="NOBODY"), "unknown_supplier", "/supplier"),
        (asn(("CUP", 1), order_id=1), "order_missing", "/order_id"),
        (asn(("CUP", 0)), "invalid_body", "/lines/0/quantity"),
        (asn(("CUP", -1)), "invalid_body", "/lines/0/quantity"),
        (asn(("CUP", 10**13)), "invalid_body", "/lines/0/quantity"),
        (asn(("CUP", 1), kind="gift"), "invalid_body", "/kind"),
        (asn(("CUP", 1), tolerance_percent=101), "invalid_body", "/tolerance_percent"),
        (asn(("CUP", 1), wrapping="red"), "invalid_body", "/wrapping"),
    ):
        is_problem(await seller.post(PATH, body), 422, code, pointer)
    returned = {"kind": "return", "order_id": 4242}
    is_problem(await seller.post(PATH, returned), 404, "unknown_order")
    elsewhere = asn(("CUP", 1), warehouse="NOWHERE")
    is_problem(await seller.post(PATH, elsewhere), 404, "unknown_warehouse")
    assert (await seller.get(PATH)).json()["items"] == []
    bare = await seller.client.post(PATH, json=asn(("CUP", 1)), headers=bearer(seller.key))
    is_problem(bare, 400, "idempotency_key_missing")


async def test_a_wrong_receipt_is_refused_with_its_reason(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    shipment = await announced(seller, asn(("CUP", 2)))
    path = f"{PATH}/{shipment.id}/receipts"
    for line, code, pointer in (
        ({"sku": "CUP", "quantity": 3}, "over_receipt", "/lines/0/quantity"),
        ({"sku": "NONE", "quantity": 1}, "unknown_item", "/lines/0/sku"),
        ({"sku": "CUP", "quantity": 1, "unit": "case"}, "wrong_unit", "/lines/0/unit"),
        ({"sku": "CUP", "quantity": 1, "place": "PACK-01"}, "unknown_place", "/lines/0/place"),
        ({"sku": "CUP", "quantity": 0}, "invalid_body", "/lines/0/quantity"),
        ({"sku": "CUP", "quantity": 1, "condition": "wet"}, "invalid_body", "/lines/0/condition"),
    ):
        status, body, _ = await post(service, planner, path, {"lines": [line]})
        assert (status, body["code"], body["pointer"]) == (422, code, pointer)
    empty: tuple[Json, ...] = ({"lines": []}, {"lines": None}, {})
    for nothing in empty:
        status, body, _ = await post(service, planner, path, nothing)
        assert (status, body["code"]) == (422, "invalid_body")
    nowhere = f"{PATH}/424242/receipts"
    one = {"lines": [{"sku": "CUP", "quantity": 1}]}
    assert (await post(service, planner, nowhere, one))[:1] == (404,)
    assert (await seller.get(f"{PATH}/{shipment.id}")).json()["state"] == "announced"


async def test_others_see_nothing_and_only_planners_receive(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    shipment = await announced(seller, asn(("CUP", 2)))
    path = f"{PATH}/{shipment.id}"
    other = await service.seller()
    is_problem(await other.get(path), 404, "unknown_inbound")
    is_problem(await other.post(f"{path}/cancel", None), 404, "unknown_inbound")
    date = {"expected_at": "2031-01-02T00:00:00Z"}
    is_problem(await other.put(f"{path}/expected-at", date), 404, "unknown_inbound")
    assert (await other.get(PATH)).json()["items"] == []
    one = {"lines": [{"sku": "CUP", "quantity": 1}]}
    is_problem(await seller.post(f"{path}/receipts", one), 401, "no_session")
    operator = bearer(await service.sign_in(Role.OPERATOR))
    for suffix, body in (("receipts", one), ("close", None)):
        status, found, _ = await post(service, operator, f"{path}/{suffix}", body)
        assert (status, found["code"]) == (403, "wrong_role")


async def test_samples_are_listed_and_decided(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            "update item set quality_percent = 50 where owner_id = $1", seller.shop.owner_id
        )
    shipment = await announced(seller, asn(("CUP", 5)))
    lines = {"lines": [{"sku": "CUP", "quantity": 2}]}
    for _ in range(2):
        await post(service, planner, f"{PATH}/{shipment.id}/receipts", lines)
    listed = await service.client.get("/v1/inspections", params={"state": "open"}, headers=planner)
    samples = [
        each
        for each in InspectionList.model_validate(listed.json()).items
        if each.inbound_id == shipment.id
    ]
    assert [each.quantity for each in samples] == [1, 1]
    for sample, verb, state in ((samples[0], "pass", "passed"), (samples[1], "fail", "failed")):
        path = f"/v1/inspections/{sample.id}/{verb}"
        status, body, _ = await post(service, planner, path, {"reason": "looked"})
        assert (status, InspectionView.model_validate(body).state) == (200, state)
        status, body, _ = await post(service, planner, path, {})
        assert (status, body["code"]) == (409, "decided_before")
    (level,) = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert (level["on_hand"], level["sellable"]) == (4, 3)
    status, body, _ = await post(service, planner, "/v1/inspections/424242/pass", {})
    assert (status, body["code"]) == (404, "unknown_inspection")
    assert await builders.differences(service.pool) == []


async def test_the_examples_are_what_they_are_said_to_be(service: Service) -> None:
    document = (await service.client.get("/openapi.json")).json()
    for model in (InboundRequest, DateRequest, ReceiptRequest, DecisionRequest):
        (example,) = document["components"]["schemas"][model.__name__]["examples"]
        model.model_validate(example)

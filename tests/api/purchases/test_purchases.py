"""Purchase orders over HTTP: priced drafts that, once sent, are on their way."""

from datetime import datetime, timedelta

import pytest

from api.purchases.messages import PurchaseRequest, PurchaseView, SendRequest
from tests.api.service import Json, Seller, Service, bearer, is_problem, unique
from tests.api.suppliers.test_suppliers import STOKE, TERMS
from tests.wms.journey.dockside import open_dock
from wms.tenants.staff import Role

PATH = "/v1/purchase-orders"


@pytest.fixture
async def seller(service: Service) -> Seller:
    """A shop that buys cups in dozens, and saws one by one but later."""
    seller = await service.seller(CUP=0, SAW=0, HAT=0)
    await seller.put("/v1/suppliers/STOKE", STOKE | {"tolerance_percent": 10})
    await seller.put("/v1/suppliers/STOKE/items/CUP", TERMS)
    slow = {"lead_time_days": 30, "prices": [{"from_quantity": 1, "price_minor": 999}]}
    await seller.put("/v1/suppliers/STOKE/items/SAW", slow)
    return seller


def wanted(*lines: tuple[str, int], supplier: str = "stoke") -> Json:
    return {
        "supplier": supplier,
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
    }


async def drafted(seller: Seller, *lines: tuple[str, int]) -> PurchaseView:
    answer = await seller.post(PATH, wanted(*lines))
    assert answer.status_code == 201, answer.text
    return PurchaseView.model_validate(answer.json())


async def sent(seller: Seller, purchase: PurchaseView, **body: str) -> PurchaseView:
    answer = await seller.post(f"{PATH}/{purchase.id}/send", body)
    assert answer.status_code == 200, answer.text
    return PurchaseView.model_validate(answer.json())


async def test_a_line_has_the_price_of_its_quantity(seller: Seller) -> None:
    purchase = await drafted(seller, ("CUP", 84), ("SAW", 2))
    assert [(line.price.amount_minor, line.amount.amount_minor) for line in purchase.lines] == [
        (120, 10_080),
        (999, 1_998),
    ]
    assert (purchase.state, purchase.total.model_dump()) == (
        "draft",
        {"amount_minor": 12_078, "currency": "GBP"},
    )
    cheaper = await drafted(seller, ("CUP", 96))
    assert cheaper.lines[0].price.amount_minor == 95
    assert (await seller.get(f"{PATH}/{purchase.id}")).json()["id"] == purchase.id
    listed = (await seller.get(PATH)).json()["items"]
    assert [row["id"] for row in listed] == [purchase.id, cheaper.id]


@pytest.mark.parametrize(("quantity", "nearest"), [(1, 24), (25, 24), (30, 36), (95, 96)])
async def test_a_quantity_that_is_not_sold_is_refused_with_the_nearest(
    seller: Seller, quantity: int, nearest: int
) -> None:
    answer = await seller.post(PATH, wanted(("SAW", 1), ("CUP", quantity)))
    problem = is_problem(answer, 422, "not_allowed_quantity", "/lines/1/quantity")
    assert problem.detail.endswith(f"The nearest is {nearest}.")


async def test_a_sent_order_is_announced_and_received(service: Service, seller: Seller) -> None:
    await open_dock(service.pool)
    purchase = await sent(seller, await drafted(seller, ("CUP", 48), ("SAW", 2)))
    assert purchase.state == "sent"
    assert purchase.sent_at is not None and purchase.expected_at is not None
    # The longest lead time of its lines.
    assert purchase.expected_at - purchase.sent_at == timedelta(days=30)
    shipment = (await seller.get(f"/v1/inbound-shipments/{purchase.inbound_id}")).json()
    assert (shipment["kind"], shipment["supplier"], shipment["tolerance_percent"]) == (
        "asn",
        "STOKE",
        10,
    )
    assert datetime.fromisoformat(shipment["expected_at"]) == purchase.expected_at
    assert [(line["sku"], line["expected"]) for line in shipment["lines"]] == [
        ("CUP", 48),
        ("SAW", 2),
    ]
    planner = bearer(await service.sign_in(Role.PLANNER))
    path = f"/v1/inbound-shipments/{purchase.inbound_id}"
    for suffix, body in (
        ("receipts", {"lines": [{"sku": "CUP", "quantity": 52}, {"sku": "SAW", "quantity": 2}]}),
        ("close", None),
    ):
        headers = planner | {"Idempotency-Key": unique("key")}
        answer = await service.client.post(f"{path}/{suffix}", json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
    assert (await seller.get(f"{PATH}/{purchase.id}")).json()["state"] == "received"


async def test_a_day_that_the_supplier_named_counts(seller: Seller) -> None:
    day = "2031-03-01T09:00:00+00:00"
    purchase = await sent(seller, await drafted(seller, ("CUP", 24)), expected_at=day)
    assert purchase.expected_at == datetime.fromisoformat(day)
    is_problem(await seller.post(f"{PATH}/{purchase.id}/send", {}), 409, "wrong_state")


async def test_a_cancelled_order_is_on_its_way_no_more(seller: Seller) -> None:
    purchase = await sent(seller, await drafted(seller, ("CUP", 24)))
    key = unique("key")
    for _ in range(2):
        answer = await seller.post(f"{PATH}/{purchase.id}/cancel", None, key)
        assert PurchaseView.model_validate(answer.json()).state == "cancelled"
    shipment = (await seller.get(f"/v1/inbound-shipments/{purchase.inbound_id}")).json()
    assert shipment["state"] == "cancelled"
    is_problem(await seller.post(f"{PATH}/{purchase.id}/cancel", None), 409, "wrong_state")
    draft = await drafted(seller, ("CUP", 24))
    assert (await seller.post(f"{PATH}/{draft.id}/cancel", None)).json()["state"] == "cancelled"
    is_problem(await seller.post(f"{PATH}/{draft.id}/send", {}), 409, "wrong_state")


async def test_an_order_whose_announcement_is_taken_back_is_cancelled(seller: Seller) -> None:
    purchase = await sent(seller, await drafted(seller, ("CUP", 24)))
    await seller.post(f"/v1/inbound-shipments/{purchase.inbound_id}/cancel", None)
    assert (await seller.get(f"{PATH}/{purchase.id}")).json()["state"] == "cancelled"


async def test_a_wrong_order_is_refused_with_its_reason(service: Service, seller: Seller) -> None:
    for body, code, pointer in (
        (wanted(("NONE", 1)), "unknown_item", "/lines/0/sku"),
        (wanted(("HAT", 1)), "not_sold", "/lines/0/sku"),
        (wanted(("CUP", 24), ("cup", 24)), "item_twice", "/lines/1/sku"),
        (wanted(), "invalid_body", "/lines"),
        (wanted(("CUP", -24)), "invalid_body", "/lines/0/quantity"),
        (wanted(("CUP", 10**13)), "invalid_body", "/lines/0/quantity"),
    ):
        is_problem(await seller.post(PATH, body), 422, code, pointer)
    nobody = await seller.post(PATH, wanted(("CUP", 24), supplier="NOBODY"))
    is_problem(nobody, 404, "unknown_supplier")
    assert (await seller.get(PATH)).json()["items"] == []
    purchase = await drafted(seller, ("CUP", 24))
    other = await service.seller()
    path = f"{PATH}/{purchase.id}"
    is_problem(await other.get(path), 404, "unknown_purchase_order")
    is_problem(await other.post(f"{path}/send", {}), 404, "unknown_purchase_order")
    is_problem(await other.post(f"{path}/cancel", None), 404, "unknown_purchase_order")


async def test_the_examples_are_what_they_are_said_to_be(service: Service) -> None:
    document = (await service.client.get("/openapi.json")).json()
    for model in (PurchaseRequest, SendRequest):
        (example,) = document["components"]["schemas"][model.__name__]["examples"]
        model.model_validate(example)

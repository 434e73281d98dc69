"""Suppliers over HTTP."""

import pytest

from api.suppliers.messages import SupplierItemRequest, SupplierRequest, SupplierView
from tests.api.service import Json, Seller, Service, is_problem

STOKE: Json = {"name": "Potteries of Stoke", "currency": "GBP", "lead_time_days": 12}
TERMS: Json = {
    "minimum": 24,
    "multiple": 12,
    "prices": [
        {"from_quantity": 1, "price_minor": 120},
        {"from_quantity": 96, "price_minor": 95},
    ],
}


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=0)


async def test_a_supplier_is_kept_and_changed_with_what_it_sells(seller: Seller) -> None:
    assert (await seller.put("/v1/suppliers/stoke", STOKE)).json()["code"] == "STOKE"
    sold = await seller.put("/v1/suppliers/Stoke/items/cup", TERMS)
    assert sold.status_code == 200, sold.text
    changed = TERMS | {"prices": TERMS["prices"][:1], "lead_time_days": 5}
    await seller.put("/v1/suppliers/STOKE/items/CUP", changed)
    await seller.put("/v1/suppliers/STOKE", STOKE | {"tolerance_percent": 5})
    found = SupplierView.model_validate((await seller.get("/v1/suppliers/STOKE")).json())
    assert (found.tolerance_percent, found.lead_time_days) == (5, 12)
    (item,) = found.items
    assert (item.sku, item.minimum, item.multiple, item.lead_time_days) == ("CUP", 24, 12, 5)
    assert [each.price.model_dump() for each in item.prices] == [
        {"amount_minor": 120, "currency": "GBP"}
    ]
    listed = (await seller.get("/v1/suppliers")).json()
    assert [each["code"] for each in listed["items"]] == ["STOKE"]


async def test_another_s_supplier_is_unknown(service: Service, seller: Seller) -> None:
    await seller.put("/v1/suppliers/STOKE", STOKE)
    other = await service.seller(CUP=0)
    is_problem(await other.get("/v1/suppliers/STOKE"), 404, "unknown_supplier")
    is_problem(await other.put("/v1/suppliers/STOKE/items/CUP", TERMS), 404, "unknown_supplier")
    assert (await other.get("/v1/suppliers")).json()["items"] == []


async def test_wrong_terms_are_refused_with_their_reason(seller: Seller) -> None:
    await seller.put("/v1/suppliers/STOKE", STOKE)
    path = "/v1/suppliers/STOKE/items/CUP"
    one = TERMS["prices"][0]
    for change, code, pointer in (
        ({"prices": []}, "invalid_body", "/prices"),
        ({"prices": [one, one]}, "bad_supplier_item", "/prices"),
        (
            {"prices": [one | {"from_quantity": 99}]},
            "bad_supplier_item",
            "/prices/0/from_quantity",
        ),
        ({"prices": [one | {"price_minor": -1}]}, "invalid_body", "/prices/0/price_minor"),
        ({"minimum": 0}, "invalid_body", "/minimum"),
        ({"minimum": "1.5"}, "wrong_unit", "/minimum"),
        ({"multiple": -12}, "invalid_body", "/multiple"),
        ({"lead_time_days": 9_999}, "invalid_body", "/lead_time_days"),
        ({"discount": 3}, "invalid_body", "/discount"),
    ):
        is_problem(await seller.put(path, TERMS | change), 422, code, pointer)
    unknown = await seller.put("/v1/suppliers/STOKE/items/NONE", TERMS)
    is_problem(unknown, 404, "unknown_item")
    is_problem(await seller.put("/v1/suppliers/%20", STOKE), 422, "bad_supplier")
    bad = await seller.put("/v1/suppliers/STOKE", STOKE | {"currency": "pounds"})
    is_problem(bad, 422, "invalid_body", "/currency")
    assert (await seller.get("/v1/suppliers/STOKE")).json()["items"] == []


async def test_the_examples_are_what_they_are_said_to_be(service: Service) -> None:
    document = (await service.client.get("/openapi.json")).json()
    for model in (SupplierRequest, SupplierItemRequest):
        (example,) = document["components"]["schemas"][model.__name__]["examples"]
        model.model_validate(example)

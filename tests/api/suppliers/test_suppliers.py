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


async def test_what_holds_for_a_whole_order_is_kept_and_taken_back(seller: Seller) -> None:
    terms: Json = {
        "order_cost_minor": 2_500,
        "minimum_order_minor": 50_000,
        "truck_mass_g": 800_000,
        "truck_volume_ml": 6_000_000,
    }
    said = (await seller.put("/v1/suppliers/STOKE", STOKE | terms)).json()
    assert said["order_cost"] == {"amount_minor": 2_500, "currency": "GBP"}
    assert said["minimum_order"] == {"amount_minor": 50_000, "currency": "GBP"}
    assert (said["truck_mass_g"], said["truck_volume_ml"]) == (800_000, 6_000_000)
    [listed] = (await seller.get("/v1/suppliers")).json()["items"]
    assert listed == {name: figure for name, figure in said.items() if name != "items"}
    without = (await seller.put("/v1/suppliers/STOKE", STOKE)).json()
    names = ("order_cost", "minimum_order", "truck_mass_g", "truck_volume_ml")
    assert [without[name] for name in names] == [None] * 4


@pytest.mark.parametrize(
    "name", ["order_cost_minor", "minimum_order_minor", "truck_mass_g", "truck_volume_ml"]
)
@pytest.mark.parametrize("figure", [0, -1, 1.5, "10", True, 10**15])
async def test_an_order_s_figures_that_make_no_sense_are_refused(
    seller: Seller, name: str, figure: object
) -> None:
    answer = await seller.put("/v1/suppliers/STOKE", STOKE | {name: figure})
    is_problem(answer, 422, "invalid_body", f"/{name}")


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

"""Items and stock levels as a shop keeps and reads them."""

from typing import Any

import pytest

from tests.api.service import Seller, Service, is_problem, order_body


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=10)


def item(**changed: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": "RED MUG",
        "width_mm": 90,
        "depth_mm": 90,
        "height_mm": 110,
        "mass_g": 320,
        "barcodes": ["4006381333931"],
    }
    return body | changed


async def test_an_item_has_one_spelling(seller: Seller) -> None:
    entered = await seller.put("/v1/items/mug-red", item())
    assert entered.status_code == 200
    assert entered.json()["sku"] == "MUG-RED"
    assert entered.json()["barcodes"] == ["04006381333931"]
    changed = item(name="SCARLET MUG", barcodes=["96385074", "shelf 7"])
    assert (await seller.put("/v1/items/MUG-RED", changed)).status_code == 200
    listed = (await seller.get("/v1/items")).json()["items"]
    (mug,) = [one for one in listed if one["sku"] != "CUP"]
    assert (mug["sku"], mug["name"]) == ("MUG-RED", "SCARLET MUG")
    assert sorted(mug["barcodes"]) == ["00000096385074", "shelf 7"]


@pytest.mark.parametrize("field", ["width_mm", "depth_mm", "height_mm", "mass_g"])
async def test_a_size_is_a_positive_whole_number(seller: Seller, field: str) -> None:
    for value in (0, -1, 1.5, 10**12):
        answer = await seller.put("/v1/items/MUG", item(**{field: value}))
        is_problem(answer, 422, "invalid_body", f"/{field}")


async def test_items_are_a_shop_s_own(service: Service, seller: Seller) -> None:
    await seller.put("/v1/items/MUG", item())
    other = await service.seller()
    assert (await other.get("/v1/items")).json()["items"] == []
    assert (await other.get("/v1/inventory/levels")).json()["items"] == []
    is_problem(await other.post("/v1/orders", order_body(("MUG", 1))), 422, "unknown_item")


async def test_a_promise_lowers_what_is_available_and_nothing_else(seller: Seller) -> None:
    await seller.order(("CUP", 4))
    (level,) = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level == {
        "sku": "CUP",
        "on_hand": 10,
        "reserved": 0,
        "sellable": 10,
        "promised": 4,
        "held_back": 0,
        "inbound": 0,
        "backordered": 0,
        "available": 6,
        "atp": [{"at": None, "quantity": 6}],
        "warehouses": level["warehouses"],
    }


async def test_an_item_comes_back_whole_and_can_be_sent_again(seller: Seller) -> None:
    whole = item(
        barcodes=["MUG-1"],
        other_barcodes=[{"barcode": "TRAY", "factor": 12}],
        unit="piece",
        storage_class="dry",
        track_lot=True,
        track_expiry=True,
        shelf_life_min_days=30,
        quality_percent=10,
        fragile=True,
        dangerous_class="3",
        age_min=18,
        cost_minor=120,
        packagings=[
            {"level": "inner", "factor": 6, "barcodes": []},
            {"level": "case", "factor": 24, "mass_g": 8_000, "barcodes": ["CASE-1"]},
        ],
        substitutes=["CUP"],
    )
    entered = await seller.put("/v1/items/MUG", whole)
    assert entered.status_code == 200, entered.text
    view = entered.json()
    assert view.items() >= {k: v for k, v in whole.items() if k != "packagings"}.items()
    assert [pack["barcodes"] for pack in view["packagings"]] == [[], ["CASE-1"]]
    assert (await seller.get("/v1/items/mug")).json() == view
    again = await seller.put("/v1/items/MUG", {k: v for k, v in view.items() if k != "sku"})
    assert again.json() == view
    listed = (await seller.get("/v1/items")).json()["items"]
    assert view in listed


async def test_a_kit_is_made_of_what_it_says(seller: Seller) -> None:
    await seller.put("/v1/items/ROPE", item(barcodes=[], unit="m", scale=2))
    parts = [{"sku": "CUP", "quantity": 2}, {"sku": "ROPE", "quantity": "1.25"}]
    entered = await seller.put("/v1/items/SET", item(kind="kit", components=parts))
    assert entered.json()["components"] == parts
    for wrong, code, pointer in (
        ([{"sku": "NONE", "quantity": 1}], "unknown_component", "/components/0/sku"),
        ([{"sku": "CUP", "quantity": "0.5"}], "wrong_unit", "/components/0/quantity"),
        ([{"sku": "SET", "quantity": 1}], "component_ring", "/components"),
        ([{"sku": "CUP", "quantity": -1}], "invalid_body", "/components/0/quantity"),
        ([], "bad_component", "/components"),
    ):
        answer = await seller.put("/v1/items/SET", item(kind="kit", components=wrong))
        is_problem(answer, 422, code, pointer)
    assert (await seller.get("/v1/items/SET")).json()["components"] == parts


async def test_what_is_wrong_with_an_item_is_told(seller: Seller) -> None:
    for wrong, code, pointer in (
        ({"barcodes": ["4006381333932"]}, "bad_barcode", "/barcodes"),
        ({"packagings": [{"level": "crate", "factor": 6}]}, "invalid_body", "/packagings/0/level"),
        ({"packagings": [{"level": "case", "factor": 1}]}, "bad_packaging", "/packagings"),
        ({"scale": 7}, "invalid_body", "/scale"),
        ({"unit": "pallet"}, "bad_item", "/unit"),
        ({"substitutes": ["NONE"]}, "unknown_substitute", "/substitutes/0"),
        ({"name": "A\x00B"}, "invalid_body", "/name"),
        ({"cost_minor": 10**15}, "invalid_body", "/cost_minor"),
    ):
        is_problem(await seller.put("/v1/items/MUG", item(**wrong)), 422, code, pointer)
    is_problem(await seller.put("/v1/items/A;B", item()), 422, "bad_item", "/sku")
    is_problem(await seller.put("/v1/items/" + "X" * 90, item()), 422, "bad_item", "/sku")
    is_problem(await seller.get("/v1/items/MUG"), 404, "unknown_item")
    is_problem(await seller.put("/v1/items/CUP", item(scale=2)), 409, "scale_fixed", "/scale")

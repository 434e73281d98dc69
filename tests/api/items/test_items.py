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
        "available": 6,
    }

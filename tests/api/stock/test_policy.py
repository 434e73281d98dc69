"""What may be sold: safety stock, channels, and the record of what could not be sold."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.service import Seller, Service, is_problem, order_body
from tests.builders import NOW
from wms.database.pool import staff_transaction
from wms.journey.claim.supply import announce_supply

DAY = timedelta(days=1)


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=10)


async def _level(seller: Seller, sku: str = "CUP") -> dict[str, Any]:
    items = (await seller.get("/v1/inventory/levels")).json()["items"]
    level: dict[str, Any] = next(item for item in items if item["sku"] == sku)
    return level


async def _announce(service: Service, seller: Seller, sku: str, quantity: int) -> None:
    async with staff_transaction(service.pool) as connection:
        await announce_supply(
            connection,
            tenant_id=seller.shop.tenant_id,
            owner_id=seller.shop.owner_id,
            item_id=await connection.fetchval(
                "select id from item where owner_id = $1 and sku = $2", seller.shop.owner_id, sku
            ),
            warehouse_id=await connection.fetchval("select id from warehouse"),
            source="ASN 1",
            expected_at=NOW + DAY,
            quantity=quantity,
            actor="test",
            now=NOW,
        )


async def test_safety_stock_is_not_on_offer(seller: Seller) -> None:
    put = await seller.put("/v1/inventory/policies/cup?warehouse=MAIN", {"safety_stock": 4})
    assert put.json() == {
        "sku": "CUP", "warehouse": "MAIN", "safety_stock": 4, "allocations": {},
    }  # fmt: skip
    assert (await seller.get("/v1/inventory/policies/CUP")).json() == put.json()
    level = await _level(seller)
    assert (level["held_back"], level["available"], level["sellable"]) == (4, 6, 10)
    is_problem(
        await seller.post("/v1/orders", order_body(("CUP", 7))), 422, "not_available",
        "/lines/0/quantity",
    )  # fmt: skip
    await seller.order(("CUP", 6))
    # Below what is promised already: nothing is taken back, and no more is sold.
    assert (await seller.put("/v1/inventory/policies/CUP", {"safety_stock": 9})).status_code == 200
    assert (await _level(seller))["available"] == 0


async def test_a_channel_s_stock_is_its_own(service: Service, seller: Seller) -> None:
    other = await service.sibling(seller)
    answer = (await seller.put("/v1/shops/current", {"channel": "web"})).json()
    assert (answer["name"], answer["channel"]) == (seller.shop.name, "web")
    assert (answer["neutral_sender"], answer["sandbox"]) == (None, False)
    assert answer["warehouses"] == []
    assert (await other.get("/v1/shops/current")).json()["channel"] == ""
    await seller.put("/v1/inventory/policies/CUP", {"allocations": {"web": 8}})
    assert (await _level(seller))["available"] == 10
    assert (await _level(other))["available"] == 2
    is_problem(await other.post("/v1/orders", order_body(("CUP", 3))), 422, "not_available")
    await seller.order(("CUP", 9))
    assert (await _level(other))["available"] == 1
    assert (await _level(seller))["available"] == 1


async def test_levels_say_what_comes_and_when(service: Service, seller: Seller) -> None:
    await _announce(service, seller, "CUP", 5)
    level = await _level(seller)
    steps = [
        {"at": None, "quantity": 10},
        {"at": (NOW + DAY).isoformat().replace("+00:00", "Z"), "quantity": 5},
    ]
    assert level["atp"] == steps
    assert level["warehouses"] == [
        {
            "warehouse": "MAIN", "sellable": 10, "promised": 0, "held_back": 0, "inbound": 5,
            "backordered": 0, "available": 10, "atp": steps,
        }
    ]  # fmt: skip


async def test_quantities_of_a_scaled_item_are_decimals(seller: Seller) -> None:
    item = {"name": "ROPE", "width_mm": 10, "depth_mm": 10, "height_mm": 10, "mass_g": 10}
    entered = await seller.put("/v1/items/ROPE", item | {"unit": "metre", "scale": 2})
    assert entered.status_code == 200, entered.text
    put = await seller.put(
        "/v1/inventory/policies/ROPE", {"safety_stock": "33.6", "allocations": {"web": 2}}
    )
    assert put.json()["safety_stock"] == "33.60"
    assert put.json()["allocations"] == {"web": "2.00"}
    assert (await _level(seller, "ROPE"))["held_back"] == "33.60"
    cleared = await seller.put("/v1/inventory/policies/ROPE", {"safety_stock": "0.00"})
    assert (cleared.json()["safety_stock"], cleared.json()["allocations"]) == ("0.00", {})


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "pointer"),
    [
        ("CUP", {"safety_stock": -1}, 422, "invalid_body", None),
        ("CUP", {"safety_stock": 10**13}, 422, "invalid_body", None),
        ("CUP", {"safety_stock": True}, 422, "invalid_body", None),
        ("CUP", {"safety_stock": "1.5"}, 422, "wrong_unit", "/safety_stock"),
        ("CUP", {"allocations": {"web": "0.1"}}, 422, "wrong_unit", "/allocations/web"),
        ("CUP", {"allocations": {"": 1}}, 422, "invalid_body", None),
        ("CUP", {"safety": 1}, 422, "invalid_body", "/safety"),
        ("PAN", {}, 404, "unknown_item", None),
        ("CUP?warehouse=MOON", {}, 404, "unknown_warehouse", None),
    ],
)
async def test_a_wrong_policy_is_refused_and_changes_nothing(
    seller: Seller, path: str, body: dict[str, Any], status: int, code: str, pointer: str | None
) -> None:
    before = await _level(seller)
    answer = await seller.put(f"/v1/inventory/policies/{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert pointer is None or answer.json()["pointer"] == pointer
    assert await _level(seller) == before


async def test_another_shop_s_items_are_unknown(service: Service, seller: Seller) -> None:
    stranger = await service.seller(PAN=1)
    is_problem(await stranger.put("/v1/inventory/policies/CUP", {}), 404, "unknown_item")
    is_problem(await stranger.get("/v1/inventory/policies/CUP"), 404, "unknown_item")


@pytest.mark.parametrize("channel", ["Web Shop", "x" * 41, "-web"])
async def test_a_channel_is_a_short_plain_word(seller: Seller, channel: str) -> None:
    answer = await seller.put("/v1/shops/current", {"channel": channel})
    is_problem(answer, 422, "invalid_body", "/channel")


async def test_refused_demand_is_on_record(seller: Seller) -> None:
    for quantity in (11, 12, 13):
        await seller.post("/v1/orders", order_body(("CUP", quantity)))
    page = (await seller.get("/v1/inventory/refused-demand", limit=2)).json()
    assert [(one["quantity"], one["available"]) for one in page["items"]] == [(11, 10), (12, 10)]
    rest = (await seller.get("/v1/inventory/refused-demand", after=page["next"], limit=2)).json()
    assert [one["quantity"] for one in rest["items"]] == [13] and rest["next"] is None
    admissions = [one["admission"] for one in page["items"] + rest["items"]]
    assert admissions == sorted(set(admissions)) and admissions[0] > 0
    since = page["items"][1]["at"]
    later = (await seller.get("/v1/inventory/refused-demand", sku="cup", since=since)).json()
    assert [one["quantity"] for one in later["items"]] == [12, 13]
    assert (await seller.get("/v1/inventory/refused-demand", sku="PAN")).json()["items"] == []


async def test_when_an_item_could_not_be_sold_is_on_record(
    service: Service, seller: Seller
) -> None:
    await seller.put("/v1/inventory/policies/CUP", {"safety_stock": 10})
    (shown,) = (await seller.get("/v1/inventory/unsellable")).json()["items"]
    assert (shown["sku"], shown["warehouse"], shown["to_at"]) == ("CUP", "MAIN", None)
    await seller.put("/v1/inventory/policies/CUP", {"safety_stock": 0})
    (shown,) = (await seller.get("/v1/inventory/unsellable", sku="cup")).json()["items"]
    assert shown["from_at"] <= shown["to_at"]
    assert (await seller.get("/v1/inventory/unsellable", since=shown["to_at"])).json()[
        "items"
    ] == []
    assert (await seller.get("/v1/inventory/unsellable", until=shown["from_at"])).json()[
        "items"
    ] == []
    stranger = await service.seller(PAN=1)
    assert (await stranger.get("/v1/inventory/unsellable")).json()["items"] == []

"""Rules for gifts and inserts, and the words of a present, as shops see them."""

import pytest

from tests.api.service import Json, Seller, Service, is_problem, order_body

GIFT: Json = {
    "kind": "gift",
    "sku": "tea",
    "total_min": {"amount_minor": 500, "currency": "GBP"},
    "skus": ["MUG"],
    "attribute": None,
    "countries": ["GB"],
    "once_per_buyer": True,
}


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(MUG=20, TEA=20)


async def test_a_rule_is_exactly_what_was_sent_last(seller: Seller) -> None:
    entered = await seller.put("/v1/insert-rules/TEA", GIFT)
    assert entered.status_code == 200, entered.text
    assert entered.json() == GIFT | {
        "code": "TEA",
        "sku": "TEA",
        "quantity": 1,
        "first_order": False,
        "starts_at": None,
        "ends_at": None,
        "active": True,
    }
    changed = await seller.put("/v1/insert-rules/TEA", {"kind": "insert", "sku": "TEA"})
    assert (changed.json()["kind"], changed.json()["total_min"]) == ("insert", None)
    assert (await seller.get("/v1/insert-rules/TEA")).json() == changed.json()
    assert (await seller.get("/v1/insert-rules")).json()["items"] == [changed.json()]


async def test_an_order_shows_what_was_added_and_why(seller: Seller) -> None:
    await seller.put("/v1/insert-rules/TEA", GIFT)
    placed = await seller.order(("MUG", 2))
    assert [line["inserted_by"] for line in placed["lines"]] == [None, "TEA"]
    found = (await seller.get(f"/v1/orders/{placed['id']}")).json()
    assert found["lines"] == placed["lines"]
    assert [event["type"] for event in found["timeline"]] == [
        "order.accepted",
        "order.inserts_changed",
    ]
    assert (await seller.pay(placed))["holds"] == []


async def test_words_go_with_an_order_and_with_its_lines(seller: Seller) -> None:
    body = order_body(("MUG", 1), gift_message="Happy <b>birthday</b>")
    body["lines"][0]["gift_message"] = "=cmd() ‏ 🎂"
    placed = (await seller.post("/v1/orders", body)).json()
    assert placed["gift_message"] == {"text": "Happy <b>birthday</b>"}
    assert placed["lines"][0]["gift_message"] == {"text": "=cmd() ‏ 🎂"}
    assert (await seller.post("/v1/orders", body)).json()["lines"] == placed["lines"]


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"sku": "PAN"}, "unknown_item", "/sku"),
        ({"skus": ["MUG", "PAN"]}, "unknown_item", "/skus/1"),
        ({"quantity": "0.5"}, "wrong_unit", "/quantity"),
        ({"countries": ["gb"]}, "invalid_body", "/countries/0"),
        ({"colour": "red"}, "invalid_body", "/colour"),
    ],
)
async def test_nonsense_is_no_rule(
    seller: Seller, changed: dict[str, object], code: str, pointer: str
) -> None:
    is_problem(await seller.put("/v1/insert-rules/TEA", GIFT | changed), 422, code, pointer)
    is_problem(await seller.get("/v1/insert-rules/TEA"), 404, "unknown_insert_rule")

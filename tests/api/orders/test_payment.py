"""Payments and suspicion through the API, and card numbers that never come in."""

from typing import Any

import pytest

from api.orders.view_messages import OrderView
from tests.api.service import Seller, Service, is_problem, order_body, payment_of

CARD = "4111 1111 1111 1111"
Json = dict[str, Any]


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=100)


async def _tell(seller: Seller, order: Json, state: str, **changed: object) -> Json:
    body = payment_of(order) | {"state": state} | changed
    answer = await seller.post(f"/v1/orders/{order['id']}/payments", body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    OrderView.model_validate(found)
    return found


async def test_a_payment_s_states_are_those_of_the_gateway(seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    for minute, state in enumerate(("pending", "authorised", "paid")):
        at = f"2010-12-01T08:3{minute}:00+00:00"
        assert (await _tell(seller, order, state, at=at))["payment_state"] == state
    late = await _tell(seller, order, "authorised", at="2010-12-01T08:39:00+00:00")
    assert late["payment_state"] == "paid"
    some = {"amount_minor": 10, "currency": "GBP"}
    refunded = await _tell(seller, order, "refunded", amount=some, reference="re_1")
    assert (refunded["payment_state"], refunded["refunded"]) == ("partially_refunded", some)
    assert [one["state"] for one in refunded["payments"]] == [
        "pending", "authorised", "paid", "authorised", "refunded",
    ]  # fmt: skip
    rest = {"amount_minor": 500, "currency": "GBP"}
    refunded = await _tell(seller, order, "refunded", amount=rest, reference="re_2")
    assert (refunded["payment_state"], refunded["state"]) == ("refunded", "cancelled")


async def test_more_than_was_paid_is_not_given_back(seller: Seller) -> None:
    order = await seller.pay(await seller.order(("CUP", 2)))
    body = payment_of(order) | {
        "state": "refunded",
        "amount": {"amount_minor": 511, "currency": "GBP"},
    }
    answer = await seller.post(f"/v1/orders/{order['id']}/payments", body)
    is_problem(answer, 422, "refund_too_large", "/amount/amount_minor")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"buyer_note": f"my card is {CARD}"}, "/buyer_note"),
        ({"customer": {"name": CARD}}, "/customer/name"),
        ({"customer": {"name": "Ada", "phone": "4111111111111111"}}, "/customer/phone"),
        ({"customer": {"name": "Ada", "reference": CARD}}, "/customer/reference"),
        ({"external_order_id": CARD}, "/external_order_id"),
    ],
)
async def test_an_order_that_holds_a_card_number_is_refused_by_pointer(
    seller: Seller, changed: Json, pointer: str, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), **changed))
    is_problem(answer, 422, "card_data", pointer)
    printed = capsys.readouterr()
    for said in (answer.text, caplog.text, printed.out, printed.err):
        assert "1111" not in said
    assert (await seller.get("/v1/orders")).json()["items"] == []


async def test_a_card_number_in_an_address_is_refused_by_its_line(seller: Seller) -> None:
    body = order_body(("CUP", 1))
    body["ship_to"]["lines"] = ["12 Mill Lane", "5555 5555 5555 4444"]
    answer = await seller.post("/v1/orders", body)
    is_problem(answer, 422, "card_data", "/ship_to/lines/1")


async def test_a_card_number_as_a_payment_s_reference_is_refused(seller: Seller) -> None:
    order = await seller.order(("CUP", 1))
    for reference in ("4111111111111111", "card 378282246310005"):
        body = payment_of(order) | {"reference": reference}
        answer = await seller.post(f"/v1/orders/{order['id']}/payments", body)
        is_problem(answer, 422, "card_data", "/reference")
    assert (await seller.get(f"/v1/orders/{order['id']}")).json()["payments"] == []


async def test_in_a_bulk_only_the_order_with_the_card_is_refused(seller: Seller) -> None:
    orders = [order_body(("CUP", 1)), order_body(("CUP", 1), buyer_note=CARD)]
    answers = (await seller.post("/v1/orders/bulk", {"orders": orders})).json()["answers"]
    assert [answer["status"] for answer in answers] == [201, 422]
    assert answers[1]["problem"]["code"] == "card_data"
    assert answers[1]["problem"]["pointer"] == "/orders/1/buyer_note"


@pytest.mark.parametrize(
    "changed",
    [
        {"external_order_id": "4000002026123108"},
        {"external_order_id": "4200002081202311" + "4200002081202311"},
        {"buyer_note": "is it 4006381333931, or SSCC 00340123450000000018?"},
        {"customer": {"name": "Ada", "phone": "+441582123456"}},
        {"customer": {"name": "Ada", "reference": "6011000990139424"}},
    ],
)
async def test_numbers_that_only_look_like_a_card_come_in(seller: Seller, changed: Json) -> None:
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), **changed))
    assert answer.status_code == 201, answer.text


async def test_a_price_in_another_currency_is_refused_by_its_line(seller: Seller) -> None:
    body = order_body(("CUP", 1), ("CUP", 1))
    body["lines"][1]["unit_price"] = {"amount_minor": 1, "currency": "EUR"}
    answer = await seller.post("/v1/orders", body)
    is_problem(answer, 422, "wrong_currency", "/lines/1/unit_price/currency")


async def test_a_total_that_the_lines_do_not_come_to_holds_the_order(seller: Seller) -> None:
    total = {"amount_minor": 254, "currency": "GBP"}
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), total=total))
    [hold] = answer.json()["holds"]
    assert (hold["kind"], hold["owned_by"]) == ("suspicious", "supervisor")
    right = order_body(("CUP", 1), total={"amount_minor": 255, "currency": "GBP"})
    assert (await seller.post("/v1/orders", right)).json()["holds"] == []


async def test_a_shop_has_thresholds_of_its_own(seller: Seller) -> None:
    wish = {"price_percent": 50, "total": False}
    answer = await seller.put("/v1/shops/current", {"channel": "", "suspicion": wish})
    assert {k: v for k, v in answer.json()["suspicion"].items() if v is not None} == wish
    total = {"amount_minor": 1, "currency": "GBP"}
    order = await seller.post("/v1/orders", order_body(("CUP", 1), total=total))
    assert order.json()["holds"] == []
    wrong = {"channel": "", "suspicion": {"price_percent": 101}}
    bad = await seller.put("/v1/shops/current", wrong)
    is_problem(bad, 422, "invalid_body", "/suspicion/price_percent")


async def test_an_item_says_why_it_does_not_ship_by_itself(seller: Seller) -> None:
    item = {
        "name": "Ring", "width_mm": 50, "depth_mm": 50, "height_mm": 50, "mass_g": 10,
        "approval_kind": "luxury",
    }  # fmt: skip
    answer = await seller.put("/v1/items/RING", item)
    assert answer.status_code in (200, 201), answer.text
    listed = (await seller.get("/v1/items")).json()["items"]
    [ring] = [row for row in listed if row["sku"] == "RING"]
    assert (ring["approval_kind"], ring["needs_approval"]) == ("luxury", True)
    wrong = await seller.put("/v1/items/RING", item | {"approval_kind": "shiny"})
    is_problem(wrong, 422, "invalid_body", "/approval_kind")


async def test_a_card_number_comes_in_by_no_other_text_of_an_order(seller: Seller) -> None:
    order = await seller.order(("CUP", 1))
    for path, body in (
        ("holds", {"kind": "fraud", "reason": f"charged {CARD}"}),
        ("cancellation-requests", {"reason": f"charged {CARD}"}),
    ):
        answer = await seller.post(f"/v1/orders/{order['id']}/{path}", body)
        is_problem(answer, 422, "card_data", "/reason")

"""Edits over HTTP: only of the version that was seen, and every answer tells the next."""

import httpx
import pytest

from api.edits.messages import EditedView, EditList
from tests.api.service import Json, Seller, Service, bearer, is_problem, order_body, unique

NEW_ADDRESS = order_body()["ship_to"] | {"lines": ["14 Mill Lane"]}


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=50, MUG=50)


async def _edit(
    seller: Seller, order_id: int, body: Json, tag: str | None, key: str | None = None
) -> httpx.Response:
    headers = bearer(seller.key) | {"Idempotency-Key": key or unique("key")}
    if tag is not None:
        headers["If-Match"] = tag
    return await seller.client.post(f"/v1/orders/{order_id}/edits", json=body, headers=headers)


async def test_the_version_comes_with_every_order_and_goes_up_with_each_edit(
    seller: Seller,
) -> None:
    made = await seller.post("/v1/orders", order_body(("CUP", 2)))
    order = made.json()
    assert (made.headers["ETag"], order["version"]) == ('"1"', 1)
    answer = await _edit(seller, order["id"], {"lines": [{"line": 1, "quantity": 3}]}, '"1"')
    assert answer.status_code == 201, answer.text
    view = EditedView.model_validate(answer.json())
    assert (answer.headers["ETag"], view.version, view.order.version) == ('"2"', 2, 2)
    read = await seller.get(f"/v1/orders/{order['id']}")
    assert read.headers["ETag"] == '"2"'
    assert read.json()["timeline"][-1]["type"] == "order.edited"
    assert read.json()["total"]["amount_minor"] == 3 * 255


async def test_a_missing_or_stale_version_is_a_problem_of_its_own(seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    body = {"lines": [{"line": 1, "quantity": 3}]}
    is_problem(await _edit(seller, order["id"], body, None), 428, "if_match_missing")
    is_problem(await _edit(seller, order["id"], body, '"7"'), 412, "stale_version")
    is_problem(await _edit(seller, order["id"], body, "last tuesday"), 400, "bad_if_match")
    assert (await _edit(seller, order["id"], body, "*")).status_code == 201


async def test_a_repeat_is_answered_as_before_though_the_version_went_on(seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    key = unique("key")
    body = {"reason": "one more", "lines": [{"line": 1, "quantity": 3}]}
    first = await _edit(seller, order["id"], body, '"1"', key)
    again = await _edit(seller, order["id"], body, '"1"', key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = body | {"reason": "two more"}
    is_problem(await _edit(seller, order["id"], other, '"1"', key), 422, "idempotency_key_reused")


async def test_bad_edits_are_refused_by_pointer(service: Service, seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    euros = {"amount_minor": 100, "currency": "EUR"}
    pounds = euros | {"currency": "GBP"}
    for body, code, pointer in (
        ({}, "invalid_body", None),
        ({"lines": [{"line": 1}]}, "invalid_body", None),
        ({"lines": [{"line": 1, "quantity": -1}]}, "invalid_body", None),
        ({"reason": "a\x00b", "service": "express"}, "invalid_body", None),
        ({"service": "express", "colour": "red"}, "invalid_body", "/colour"),
        ({"lines": [{"line": 2, "quantity": 1}]}, "unknown_line", "/lines/0/line"),
        ({"lines": [{"line": 1, "quantity": 999}]}, "not_available", "/lines/0/quantity"),
        ({"lines": [{"line": 1, "quantity": 0}]}, "nothing_left", "/lines"),
        ({"lines": [{"line": 1, "quantity": "1.5"}]}, "wrong_unit", "/lines/0/quantity"),
        (
            {"lines": [{"line": 1, "unit_price": euros}]},
            "wrong_currency",
            "/lines/0/unit_price/currency",
        ),
        (
            {"add": [{"sku": "MUG", "quantity": 1, "unit_price": pounds}]}
            | {"lines": [{"line": 1, "quantity": 2}]}
            | {"add": [{"sku": "NONE", "quantity": 1, "unit_price": pounds}]},
            "unknown_item",
            "/add/0/sku",
        ),
    ):
        answer = await _edit(seller, order["id"], body, '"1"')
        is_problem(answer, 422, code, pointer)
    stranger = await service.seller(TOY=1)
    body = {"service": "express"}
    is_problem(await _edit(stranger, order["id"], body, '"1"'), 404, "unknown_order")
    is_problem(await stranger.get(f"/v1/orders/{order['id']}/edits"), 404, "unknown_order")
    assert (await seller.get(f"/v1/orders/{order['id']}")).headers["ETag"] == '"1"'


async def test_a_refusal_is_given_again_for_the_same_key(seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    key, body = unique("key"), {"lines": [{"line": 1, "quantity": 999}]}
    is_problem(await _edit(seller, order["id"], body, '"1"', key), 422, "not_available")
    again = await _edit(seller, order["id"], body, '"1"', key)
    is_problem(again, 422, "not_available")
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_all_edits_are_listed_with_what_they_replaced(seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    price = {"amount_minor": 100, "currency": "GBP"}
    body = {
        "reason": "moved house",
        "ship_to": NEW_ADDRESS,
        "customer": {"name": "Ada Merton", "email": "ada@example.com"},
        "service": "express",
        "lines": [{"line": 1, "quantity": 1}],
        "add": [{"sku": "MUG", "quantity": 2, "unit_price": price}],
    }
    assert (await _edit(seller, order["id"], body, '"1"')).status_code == 201
    answer = await seller.get(f"/v1/orders/{order['id']}/edits")
    [kept] = EditList.model_validate(answer.json()).items
    assert kept.before["ship_to"]["lines"] == ["12 Mill Lane"]
    assert kept.after["ship_to"]["lines"] == ["14 Mill Lane"]
    assert (kept.after["service"], kept.reason) == ("express", "moved house")
    assert [line["line"] for line in kept.after["lines"]] == [1, 2]
    assert (kept.total_before.amount_minor, kept.total.amount_minor) == (510, 455)
    found = (await seller.get(f"/v1/orders/{order['id']}")).json()
    assert found["customer"]["email"] == "ada@example.com"
    assert (found["lines"][0]["cancelled"], found["lines"][1]["quantity"]) == (1, 2)


async def test_the_document_says_428_and_412(service: Service) -> None:
    document = (await service.client.get("/openapi.json")).json()
    post = document["paths"]["/v1/orders/{order_id}/edits"]["post"]
    assert {"201", "412", "428"} <= set(post["responses"])
    for status in ("412", "428"):
        assert "application/problem+json" in post["responses"][status]["content"]
    of_part = document["paths"]["/v1/fulfilment-orders/{fulfilment_order_id}/move"]["post"]
    assert "application/problem+json" in of_part["responses"]["412"]["content"]
    read = document["paths"]["/v1/orders/{order_id}"]["get"]["responses"]["200"]
    for answer in (post["responses"]["201"], read, of_part["responses"]["200"]):
        assert "ETag" in answer["headers"]

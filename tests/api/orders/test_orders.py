"""Orders over HTTP: accepted once, refused with a reason, and seen by nobody else."""

import asyncio
from typing import Any

import pytest

from api.orders.view_messages import OrderView
from tests.api.service import Seller, Service, is_problem, order_body, payment_of, unique
from wms.database.pool import shop_transaction
from wms.outbox import commands as outbox

MISSING = object()


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


async def test_an_accepted_order_answers_with_itself(seller: Seller) -> None:
    body = order_body(("cup", 6), ("CUP", 2), shipping={"amount_minor": 400, "currency": "GBP"})
    answer = await seller.post("/v1/orders", body)
    assert answer.status_code == 201
    view = OrderView.model_validate(answer.json())
    assert view.external_order_id == body["external_order_id"]
    assert (view.state, view.payment_state) == ("accepted", "pending")
    assert [(line.sku, line.quantity, line.promise) for line in view.lines] == [
        ("CUP", 6, "open"),
        ("CUP", 2, "open"),
    ]
    assert view.promise_expires_at is not None
    assert view.total.amount_minor == 8 * 255 + 400
    again = OrderView.model_validate((await seller.get(f"/v1/orders/{view.id}")).json())
    assert again.model_dump(exclude={"timeline"}) == view.model_dump(exclude={"timeline"})
    assert again.timeline is not None
    assert [event.type for event in again.timeline] == ["order.accepted"]


async def test_a_guest_and_a_gift_are_welcome(seller: Seller) -> None:
    body = order_body(("CUP", 1), customer=None)
    body["lines"][0]["unit_price"]["amount_minor"] = 0
    answer = await seller.post("/v1/orders", body)
    assert answer.status_code == 201
    assert answer.json()["customer"] is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/lines/0/quantity", 0),
        ("/lines/0/quantity", -3),
        ("/lines/0/quantity", 1.5),
        ("/lines/0/quantity", "six"),
        ("/lines/0/quantity", "-6"),
        ("/lines/0/quantity", "1.0000001"),
        ("/lines/0/unit", "x" * 21),
        ("/lines/0/shelf_life_min_days", -1),
        ("/backorder", "yes"),
        ("/lines/0/quantity", True),
        ("/lines/0/quantity", 10**30),
        ("/lines/0/quantity", MISSING),
        ("/lines/0/unit_price/amount_minor", -1),
        ("/lines/0/unit_price/currency", "pounds"),
        ("/lines/0/colour", "red"),
        ("/lines", []),
        ("/external_order_id", MISSING),
        ("/external_order_id", " "),
        ("/external_order_id", "x" * 10_000),
        ("/external_order_id", "a\u0000b"),
        ("/placed_at", "2010-12-01T08:26:00"),
        ("/placed_at", "yesterday"),
        ("/ship_to", MISSING),
        ("/ship_to/name", "Ada\u0000"),
        ("/ship_to/country", "England"),
        ("/ship_to/latitude", 91),
        ("/a~b", 1),
    ],
)
async def test_a_wrong_field_is_named_by_its_pointer(
    seller: Seller, path: str, value: object
) -> None:
    body = order_body(("CUP", 1))
    *way, last = path[1:].split("/")
    spot: Any = body
    for step in way:
        spot = spot[int(step)] if isinstance(spot, list) else spot[step]
    if value is MISSING:
        del spot[last]
    else:
        spot[last] = value
    answer = await seller.post("/v1/orders", body)
    is_problem(answer, 422, "invalid_body", path.replace("~", "~0"))


async def test_what_is_no_order_at_all_is_refused(seller: Seller) -> None:
    headers = {
        "Authorization": f"Bearer {seller.key}",
        "Idempotency-Key": unique("key"),
        "Content-Type": "application/json",
    }
    for text in (b"{", b"\xff\xfe", b"[" * 100_000):
        answer = await seller.client.post("/v1/orders", content=text, headers=headers)
        is_problem(answer, 400, "unparsable")
    is_problem(await seller.post("/v1/orders", [1, 2]), 422, "invalid_body", "")
    huge = b'{"buyer_note": "' + b"x" * 5_000_000 + b'"}'
    answer = await seller.client.post("/v1/orders", content=huge, headers=headers)
    is_problem(answer, 413, "too_large")


async def test_an_unknown_item_is_named_and_postage_is_told_where_it_belongs(
    seller: Seller,
) -> None:
    body = order_body(("CUP", 1), ("POST", 1))
    found = is_problem(await seller.post("/v1/orders", body), 422, "unknown_item", "/lines/1/sku")
    assert "shipping" in found.detail


async def test_more_than_there_is_is_not_promised(service: Service) -> None:
    seller = await service.seller(CUP=5, RUG=1)
    short = order_body(("CUP", 2), ("RUG", 2))
    answer = await seller.post("/v1/orders", short)
    is_problem(answer, 422, "not_available", "/lines/1/quantity")
    await seller.order(("CUP", 5), ("RUG", 1))


async def test_a_post_without_an_idempotency_key_is_refused(seller: Seller) -> None:
    headers = {"Authorization": f"Bearer {seller.key}"}
    answer = await seller.client.post("/v1/orders", json=order_body(("CUP", 1)), headers=headers)
    is_problem(answer, 400, "idempotency_key_missing")
    headers["Idempotency-Key"] = "k" * 201
    answer = await seller.client.post("/v1/orders", json=order_body(("CUP", 1)), headers=headers)
    is_problem(answer, 400, "idempotency_key_too_long")


async def test_a_repeat_gets_the_first_answer_and_changes_nothing(seller: Seller) -> None:
    key, body = unique("key"), order_body(("CUP", 3))
    first = await seller.post("/v1/orders", body, key)
    assert "idempotent-replayed" not in first.headers
    repeat = await seller.post("/v1/orders", body, key)
    assert (repeat.status_code, repeat.json()) == (201, first.json())
    assert repeat.headers["idempotent-replayed"] == "true"
    paid = unique("key")
    path = f"/v1/orders/{first.json()['id']}/payments"
    once = await seller.post(path, payment_of(first.json()), paid)
    twice = await seller.post(path, payment_of(first.json()), paid)
    assert once.json() == twice.json()
    assert twice.headers["idempotent-replayed"] == "true"


async def test_a_key_with_another_body_is_refused(seller: Seller) -> None:
    key = unique("key")
    assert (await seller.post("/v1/orders", order_body(("CUP", 1)), key)).status_code == 201
    answer = await seller.post("/v1/orders", order_body(("CUP", 1)), key)
    is_problem(answer, 422, "idempotency_key_reused")


async def test_a_key_that_is_still_worked_on_is_in_flight(service: Service, seller: Seller) -> None:
    key, shop = unique("key"), seller.shop
    async with shop_transaction(service.pool, shop.tenant_id) as connection:
        scope = f"shop/{shop.shop_id}/order"
        assert await outbox.first_answer(connection, shop.tenant_id, scope, key, b"") is None
        answer = await seller.post("/v1/orders", order_body(("CUP", 1)), key)
        is_problem(answer, 409, "in_flight")
    assert (await seller.post("/v1/orders", order_body(("CUP", 1)), key)).status_code == 201


async def test_many_at_once_under_one_number_make_one_order(seller: Seller) -> None:
    body = order_body(("CUP", 1))
    answers = await asyncio.gather(*(seller.post("/v1/orders", body) for _ in range(6)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    others = {answer.status_code for answer in answers} - {201}
    assert others <= {200, 409}


async def test_an_order_number_belongs_to_one_body(seller: Seller) -> None:
    body = order_body(("CUP", 1))
    first = await seller.post("/v1/orders", body)
    same = await seller.post("/v1/orders", body)
    assert (same.status_code, same.json()["id"]) == (200, first.json()["id"])
    other = await seller.post("/v1/orders", body | {"buyer_note": "hurry"})
    is_problem(other, 409, "order_differs", "/external_order_id")


async def test_in_bulk_each_order_is_answered_for_itself(seller: Seller) -> None:
    bodies = [order_body(("CUP", 1)), order_body(("NONE", 1)), order_body(("CUP", 2))]
    key = unique("key")
    answer = await seller.post("/v1/orders/bulk", {"orders": bodies}, key)
    assert answer.status_code == 200
    good, bad, also_good = answer.json()["answers"]
    assert [one["status"] for one in (good, bad, also_good)] == [201, 422, 201]
    assert bad["problem"]["code"] == "unknown_item"
    assert bad["problem"]["pointer"] == "/orders/1/lines/0/sku"
    OrderView.model_validate(also_good["order"])
    again = await seller.post("/v1/orders/bulk", {"orders": bodies}, key)
    assert again.json() == answer.json()


async def test_a_list_shows_every_order_once(seller: Seller) -> None:
    placed = [(await seller.order(("CUP", 1)))["id"] for _ in range(7)]
    seen: list[int] = []
    after = ""
    while True:
        page = (await seller.get("/v1/orders", after=after, limit=3)).json()
        seen += [order["id"] for order in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == placed


@pytest.mark.parametrize(
    "after", ["nonsense", "YTE", "é", "YS0x", "YTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"]
)
async def test_a_strange_cursor_is_refused(seller: Seller, after: str) -> None:
    if after == "YTE":
        assert (await seller.get("/v1/orders", after=after)).status_code == 200
        is_problem(await seller.get("/v1/events", after=after), 400, "bad_cursor")
        return
    for path in ("/v1/orders", "/v1/items", "/v1/inventory/levels", "/v1/events"):
        is_problem(await seller.get(path, after=after), 400, "bad_cursor")
    is_problem(await seller.get("/v1/orders", limit=0), 422, "invalid_parameter")


async def test_nobody_sees_another_shop_s_order(service: Service, seller: Seller) -> None:
    order = await seller.order(("CUP", 1))
    for other in (await service.seller(CUP=1), await service.sibling(seller)):
        is_problem(await other.get(f"/v1/orders/{order['id']}"), 404, "unknown_order")
        answer = await other.post(f"/v1/orders/{order['id']}/payments", payment_of(order))
        is_problem(answer, 404, "unknown_order")
        assert (await other.get("/v1/orders")).json()["items"] == []
        assert (await other.get("/v1/events")).json()["items"] == []


async def test_a_number_that_no_order_can_have_is_no_order(seller: Seller) -> None:
    is_problem(await seller.get("/v1/orders/999999999"), 404, "unknown_order")
    is_problem(await seller.get(f"/v1/orders/{10**30}"), 422, "invalid_parameter")
    is_problem(await seller.get("/v1/orders/abc"), 422, "invalid_parameter")


async def test_a_payment_is_of_the_whole_amount_in_the_order_s_currency(seller: Seller) -> None:
    order = await seller.order(("CUP", 2))
    path = f"/v1/orders/{order['id']}/payments"
    little = payment_of(order) | {"amount": {"amount_minor": 1, "currency": "GBP"}}
    is_problem(await seller.post(path, little), 422, "wrong_amount", "/amount/amount_minor")
    euros = payment_of(order) | {"amount": order["total"] | {"currency": "EUR"}}
    is_problem(await seller.post(path, euros), 422, "wrong_currency")
    paid = OrderView.model_validate(await seller.pay(order))
    assert paid.payment_state == "paid"
    assert paid.promise_expires_at is None
    assert [line.promise for line in paid.lines] == ["firm"]
    assert paid.fulfilment_orders[0].firm_at is not None


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/lines/0/quantity", "1.5", "wrong_unit"),
        ("/lines/0/quantity", "0.000", "bad_quantity"),
        ("/lines/0/unit", "case", "wrong_unit"),
        ("/lines/0/sku", "VASE", "unknown_item"),
        ("/lines/0/quantity", 10**12, "amount_too_large"),
    ],
)
async def test_what_breaks_a_rule_changes_nothing_and_is_refused_again(
    seller: Seller, path: str, value: object, code: str
) -> None:
    body = order_body(("CUP", 1))
    body["lines"][0]["unit_price"]["amount_minor"] = 100_000
    body["lines"][0][path.rpartition("/")[2]] = value
    key = unique("key")
    first = await seller.post("/v1/orders", body, key)
    is_problem(first, 422, code, "/lines" if code == "amount_too_large" else path)
    assert "idempotent-replayed" not in first.headers
    again = await seller.post("/v1/orders", body, key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() | {"request_id": ""} == first.json() | {"request_id": ""}
    assert (await seller.get("/v1/orders")).json()["items"] == []


async def test_an_order_that_finds_nothing_is_refused_again(seller: Seller) -> None:
    body, key = order_body(("CUP", 1_001)), unique("key")
    first, again = [await seller.post("/v1/orders", body, key) for _ in range(2)]
    is_problem(first, 422, "not_available", "/lines/0/quantity")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() | {"request_id": ""} == first.json() | {"request_id": ""}


async def test_a_whole_number_may_be_written_as_text(seller: Seller) -> None:
    body = order_body(("CUP", 1))
    body["lines"][0] |= {"quantity": "6", "unit": "each", "shelf_life_min_days": 30}
    [line] = OrderView.model_validate((await seller.post("/v1/orders", body)).json()).lines
    assert (line.quantity, line.unit, line.shelf_life_min_days) == (6, "each", 30)

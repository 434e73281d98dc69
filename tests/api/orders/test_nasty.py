"""What an impatient shop sends: the same order many times at once, and bulks with one bad line."""

import asyncio

import pytest

from tests.api.service import Seller, Service, is_problem, order_body, unique
from wms.database.pool import shop_transaction
from wms.outbox import commands as outbox


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


async def _orders(service: Service, seller: Seller, number: object) -> int:
    async with shop_transaction(service.pool, seller.shop.tenant_id) as connection:
        count: int = await connection.fetchval(
            "select count(*) from shop_order where external_order_id = $1", number
        )
    return count


async def test_the_same_order_50_times_at_once_with_changed_keys_is_one(service: Service) -> None:
    # It takes all that there is: none of the others is told that nothing is left.
    seller = await service.seller(CUP=1)
    body = order_body(("CUP", 1))
    answers = await asyncio.gather(*(seller.post("/v1/orders", body) for _ in range(50)))
    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    for answer in answers:
        if answer.status_code == 409:
            is_problem(answer, 409, "in_flight", "/external_order_id")
    again = await seller.post("/v1/orders", body)
    assert again.status_code == 200
    assert {x.json()["id"] for x in answers if x.status_code < 300} == {again.json()["id"]}
    assert await _orders(service, seller, body["external_order_id"]) == 1
    [level] = (await seller.get("/v1/inventory/levels")).json()["items"]
    assert level["promised"] == 1


async def test_the_same_key_with_another_body_is_422_and_changes_nothing(
    service: Service, seller: Seller
) -> None:
    key, other = unique("key"), order_body(("CUP", 2))
    assert (await seller.post("/v1/orders", order_body(("CUP", 1)), key)).status_code == 201
    is_problem(await seller.post("/v1/orders", other, key), 422, "idempotency_key_reused")
    assert await _orders(service, seller, other["external_order_id"]) == 0


async def test_a_key_in_flight_is_409_and_the_order_goes_in_afterwards(
    service: Service, seller: Seller
) -> None:
    key, shop, body = unique("key"), seller.shop, order_body(("CUP", 1))
    async with shop_transaction(service.pool, shop.tenant_id) as connection:
        scope = f"shop/{shop.shop_id}/order"
        assert await outbox.first_answer(connection, shop.tenant_id, scope, key, b"") is None
        is_problem(await seller.post("/v1/orders", body, key), 409, "in_flight")
    assert (await seller.post("/v1/orders", body, key)).status_code == 201


async def test_of_a_bulk_of_500_with_one_unknown_item_499_are_applied_and_one_refused_by_pointer(
    seller: Seller,
) -> None:
    bodies = [order_body(("CUP", 1)) for _ in range(500)]
    bodies[321] = order_body(("NONE", 1))
    answer = await seller.post("/v1/orders/bulk", {"orders": bodies})
    assert answer.status_code == 200, answer.text[:500]
    answers = answer.json()["answers"]
    assert [one["status"] for one in answers].count(201) == 499
    assert answers[321]["status"] == 422
    assert answers[321]["problem"]["code"] == "unknown_item"
    assert answers[321]["problem"]["pointer"] == "/orders/321/lines/0/sku"
    numbers = [one["order"]["external_order_id"] for one in answers if "order" in one]
    assert numbers == [b["external_order_id"] for n, b in enumerate(bodies) if n != 321]


async def test_a_bulk_that_is_sent_again_is_answered_as_before_and_does_nothing(
    service: Service, seller: Seller
) -> None:
    bodies = [order_body(("CUP", 1)), order_body(("NONE", 1)), order_body(("CUP", 5_000))]
    # As long as a key may be: those of its orders are told apart all the same.
    key, other = ("a" + "x" * 199), ("b" + "x" * 199)
    first = await seller.post("/v1/orders/bulk", {"orders": bodies}, key)
    assert [one["status"] for one in first.json()["answers"]] == [201, 422, 422]
    assert "Idempotent-Replayed" not in first.headers
    again = await seller.post("/v1/orders/bulk", {"orders": bodies}, key)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert await _orders(service, seller, bodies[0]["external_order_id"]) == 1
    changed = await seller.post("/v1/orders/bulk", {"orders": bodies[:2]}, key)
    is_problem(changed, 422, "idempotency_key_reused")
    new = await seller.post("/v1/orders/bulk", {"orders": bodies[:2]}, other)
    assert [one["status"] for one in new.json()["answers"]] == [200, 422]


async def test_more_orders_than_a_bulk_takes_are_refused_whole_and_before_any_is_placed(
    service: Service, seller: Seller
) -> None:
    bodies = [order_body(("CUP", 1)) for _ in range(501)]
    many = await seller.post("/v1/orders/bulk", {"orders": bodies})
    is_problem(many, 422, "invalid_body", "/orders")
    large = order_body(("CUP", 1), buyer_note="x" * 10_000)
    answer = await seller.post("/v1/orders/bulk", {"orders": [large] * 400})
    assert "in parts" in is_problem(answer, 413, "too_large").detail
    assert await _orders(service, seller, bodies[0]["external_order_id"]) == 0


async def test_a_word_nobody_knows_and_a_wish_that_contradicts_itself_are_refused(
    seller: Seller,
) -> None:
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), fulfillment="x"))
    assert answer.status_code == 422 and answer.json()["pointer"] == "/fulfillment"
    body = order_body(("CUP", 1), fulfilment="fill_or_kill", backorder=True)
    is_problem(await seller.post("/v1/orders", body), 422, "contradictory_wish", "/backorder")
    answer = await seller.post("/v1/orders", order_body(("CUP", 1), language="de"))
    assert answer.status_code == 422 and answer.json()["pointer"] == "/language"


async def test_what_is_said_as_it_would_be_anyway_is_the_same_order(seller: Seller) -> None:
    body = order_body(("CUP", 1))
    first = await seller.post("/v1/orders", body)
    said = {"backorder": False, "fulfilment": "ship_together", "language": "en", "shipping": None}
    again = await seller.post("/v1/orders", body | said)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])

"""Sales and their queues as shops see them, from the ticket to the order that uses it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.jobs.timer import TIMERS
from tests.api.service import Json, Seller, Service, bearer, is_problem, order_body
from wms.database.pool import staff_transaction

BUYER = {"email": "ada@example.com"}
ADA = {"name": "Ada Merton", **BUYER}


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=2, MUG=20)


def _sale(service: Service, **changed: object) -> Json:
    now = service.app.state.house.now()
    body: Json = {
        "items": [{"sku": "cup"}],
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
    }
    return body | changed


def _ask(**changed: object) -> Json:
    body: Json = {"sale": "DROP", "buyer": BUYER}
    return body | changed


async def _end(seller: Seller) -> httpx.Response:
    return await seller.client.delete("/v1/sales/DROP", headers=bearer(seller.key))


async def test_a_sale_is_exactly_what_was_sent_last(service: Service, seller: Seller) -> None:
    first = await seller.put(
        "/v1/sales/DROP",
        _sale(
            service,
            items=[{"sku": "cup", "quantity": 20}, {"sku": "MUG", "quantity": 10}],
            classes=[{"buyer_class": "gold", "share_percent": 20, "minutes": 5}],
            limit_per_buyer=2,
        ),
    )
    assert first.status_code == 200, first.text
    body = first.json()
    assert body["items"] == [{"sku": "CUP", "quantity": 20}, {"sku": "MUG", "quantity": 10}]
    assert body["classes"] == [{"buyer_class": "gold", "share_percent": 20, "minutes": 5}]
    assert (body["limit_per_buyer"], body["queue"]) == (2, None)
    second = await seller.put("/v1/sales/DROP", _sale(service, queue={}))
    assert second.json()["items"] == [{"sku": "CUP", "quantity": None}]
    assert second.json()["queue"] == {"per_minute": None, "ticket_s": 300}
    assert second.json()["classes"] == []
    assert (await seller.get("/v1/sales/DROP")).json() == second.json()
    assert (await seller.get("/v1/sales")).json() == {"items": [second.json()], "next": None}


async def test_a_ticket_leads_to_an_order(service: Service, seller: Seller) -> None:
    await seller.put("/v1/sales/DROP", _sale(service, queue={}, limit_per_buyer=1))
    asked = await seller.post("/v1/admissions", _ask(), "the key")
    assert asked.status_code == 201, asked.text
    ticket = asked.json()
    assert (ticket["state"], ticket["number"], ticket["place"]) == ("admitted", 1, None)
    again = await seller.post("/v1/admissions", _ask(), "the key")
    assert (again.status_code, again.json()) == (201, ticket)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await seller.post("/v1/admissions", _ask())).status_code == 200
    refused = await seller.post("/v1/orders", order_body(("CUP", 1), customer=ADA))
    is_problem(refused, 422, "admission_needed", "/admission_id")
    placed = await seller.post(
        "/v1/orders", order_body(("CUP", 1), customer=ADA, admission_id=ticket["id"])
    )
    assert placed.status_code == 201, placed.text
    used = (await seller.get(f"/v1/admissions/{ticket['id']}")).json()
    assert (used["state"], used["order_id"]) == ("used", placed.json()["id"])
    more = await seller.post("/v1/admissions", _ask())
    found = is_problem(more, 422, "buyer_limit", "/quantity")
    assert "0 remaining" in found.detail
    assert (more.json()["limit"], more.json()["remaining"]) == (1, 0)


async def test_who_waits_learns_the_place_and_is_let_in_by_the_timer(
    service: Service, seller: Seller
) -> None:
    await seller.put("/v1/sales/DROP", _sale(service, queue={}))
    for number in range(2):
        await seller.post("/v1/admissions", _ask(buyer={"reference": f"b{number}"}))
    waiting = (await seller.post("/v1/admissions", _ask())).json()
    assert (waiting["state"], waiting["place"], waiting["outlook"]) == ("waiting", 1, "possible")
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            "update admission_ticket set expires_at = now() - interval '1 second' "
            "where shop_id = $1 and number = 1",
            seller.shop.shop_id,
        )
    admit = next(tick for _, tick in TIMERS if tick.__name__ == "_admit")
    await admit(service.app.state.house)
    let_in = (await seller.get(f"/v1/admissions/{waiting['id']}")).json()
    assert (let_in["state"], let_in["place"]) == ("admitted", None)


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"items": [{"sku": "PAN"}]}, "unknown_item", "/items/0/sku"),
        ({"items": []}, "invalid_body", "/items"),
        ({"colour": "red"}, "invalid_body", "/colour"),
        ({"limit_per_buyer": 0}, "invalid_body", "/limit_per_buyer"),
        (
            {"classes": [{"buyer_class": "gold", "share_percent": 21, "minutes": 5}]},
            "invalid_body",
            "/classes/0/share_percent",
        ),
    ],
)
async def test_nonsense_is_no_sale(
    service: Service, seller: Seller, changed: dict[str, Any], code: str, pointer: str
) -> None:
    answer = await seller.put("/v1/sales/DROP", _sale(service, **changed))
    is_problem(answer, 422, code, pointer)
    is_problem(await seller.get("/v1/sales/DROP"), 404, "unknown_sale")


async def test_a_ticket_needs_a_sale_with_a_queue_and_a_buyer(
    service: Service, seller: Seller
) -> None:
    is_problem(await seller.post("/v1/admissions", _ask()), 422, "unknown_sale", "/sale")
    await seller.put("/v1/sales/DROP", _sale(service))
    is_problem(await seller.post("/v1/admissions", _ask()), 422, "no_queue", "/sale")
    await seller.put("/v1/sales/DROP", _sale(service, queue={}))
    is_problem(await seller.post("/v1/admissions", _ask(buyer={})), 422, "buyer_unknown", "/buyer")


async def test_an_item_says_how_many_one_buyer_gets(seller: Seller) -> None:
    item = {"name": "Drop", "width_mm": 50, "depth_mm": 50, "height_mm": 50, "mass_g": 100}
    alone = await seller.put("/v1/items/DROP", item | {"limit_days": 7})
    is_problem(alone, 422, "bad_item", "/limit_days")
    limited = await seller.put("/v1/items/MUG", item | {"limit_per_buyer": 2, "limit_days": 7})
    assert (limited.json()["limit_per_buyer"], limited.json()["limit_days"]) == (2, 7)
    refused = await seller.post("/v1/orders", order_body(("MUG", 3), customer=ADA))
    found = is_problem(refused, 422, "buyer_limit", "/lines/0/quantity")
    assert "2 remaining" in found.detail
    assert (found.limit, found.remaining) == (2, 2)
    bulk = {"orders": [order_body(("MUG", 3), customer=ADA)]}
    (answer,) = (await seller.post("/v1/orders/bulk", bulk)).json()["answers"]
    assert (answer["problem"]["limit"], answer["problem"]["remaining"]) == (2, 2)


async def test_a_sale_is_ended_at_once(service: Service, seller: Seller) -> None:
    is_problem(await _end(seller), 404, "unknown_sale")
    await seller.put("/v1/sales/DROP", _sale(service, queue={}))
    ticket = (await seller.post("/v1/admissions", _ask())).json()
    for _ in range(2):
        assert (await _end(seller)).status_code == 204
    ended = (await seller.get(f"/v1/admissions/{ticket['id']}")).json()
    assert ended["state"] == "expired"
    placed = await seller.post("/v1/orders", order_body(("CUP", 1), customer=ADA))
    assert placed.status_code == 201, placed.text

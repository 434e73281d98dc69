"""Addresses over HTTP: looked at before an order, and what a doubtful one does to it."""

from typing import Any

import pytest

from tests.api.service import Seller, Service, is_problem, order_body, unique
from tests.builders import NOW
from wms.database.pool import staff_transaction
from wms.journey.order.waybill import prepare_waybills

GOOD = {
    "name": "Ada Merton",
    "lines": ["12 Mill Lane"],
    "postal_code": "lu12ab",
    "city": "Luton",
    "country": "GB",
    "phone": "01582 123456",
}


@pytest.fixture
async def seller(service: Service) -> Seller:
    return await service.seller(CUP=1_000)


def ship_to(**changed: object) -> dict[str, Any]:
    return {name: value for name, value in (GOOD | changed).items() if value is not None}


async def events_of(seller: Seller, kind: str) -> list[dict[str, Any]]:
    return [event for event in await seller.news(limit=100) if event["type"] == kind]


async def test_a_good_address_is_ok_and_comes_back_as_its_country_writes_it(seller: Seller) -> None:
    key = unique("key")
    answer = await seller.post("/v1/addresses/validate", GOOD, key)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["verdict"], body["findings"]) == ("ok", [])
    assert body["normalised"]["postal_code"] == "LU1 2AB"
    assert body["normalised"]["phone"] == "+441582123456"
    assert body["normalised"]["formatted"][-2:] == ["LU1 2AB", "UNITED KINGDOM"]
    again = await seller.post("/v1/addresses/validate", GOOD, key)
    assert again.json() == body
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_doubtful_address_is_told_field_by_field(seller: Seller) -> None:
    answer = await seller.post("/v1/addresses/validate", ship_to(postal_code="1", city="-"))
    body = answer.json()
    assert body["verdict"] == "doubtful"
    assert {(one["pointer"], one["code"], one["severity"]) for one in body["findings"]} == {
        ("/city", "unreadable", "doubt"),
        ("/postal_code", "postal_code_form", "doubt"),
    }


async def test_an_address_with_unknown_fields_is_refused(seller: Seller) -> None:
    answer = await seller.post("/v1/addresses/validate", GOOD | {"planet": "Earth"})
    is_problem(answer, 422, "invalid_body", "/planet")
    bare = await seller.client.post(
        "/v1/addresses/validate", json=GOOD, headers={"Authorization": f"Bearer {seller.key}"}
    )
    is_problem(bare, 400, "idempotency_key_missing")


async def test_an_order_to_a_doubtful_address_is_held_for_its_shop_and_gets_a_link(
    seller: Seller,
) -> None:
    body = order_body(("CUP", 1), ship_to=ship_to(postal_code=None))
    order = (await seller.post("/v1/orders", body)).json()
    assert order["state"] == "accepted"
    [hold] = order["holds"]
    assert (hold["kind"], hold["owned_by"], hold["lifted_at"]) == ("address", "shop", None)
    assert "postal_code_missing" in hold["reason"]
    [event] = await events_of(seller, "order.address_doubtful")
    assert event["data"]["order_id"] == order["id"]
    [finding] = event["data"]["findings"]
    assert finding["pointer"] == "/ship_to/postal_code"
    assert "/buyer/address/" in event["data"]["link"]
    for personal in ("Merton", "Mill", "Luton", "1582"):
        assert personal not in str(event["data"])


async def test_no_carrier_is_told_of_a_doubtful_address(service: Service, seller: Seller) -> None:
    body = order_body(("CUP", 1), ship_to=ship_to(postal_code=None))
    order = (await seller.post("/v1/orders", body)).json()
    paid = await seller.pay(order)
    fulfilment_order_id = paid["fulfilment_orders"][0]["id"]
    assert not await prepare_waybills(service.pool, fulfilment_order_id, NOW)
    view = (await seller.get(f"/v1/orders/{order['id']}")).json()
    assert view["parcels"] == []


async def test_an_order_to_a_good_address_is_free_and_keeps_its_words(seller: Seller) -> None:
    order = (await seller.post("/v1/orders", order_body(("CUP", 1), ship_to=GOOD))).json()
    assert order["holds"] == []
    assert order["ship_to"]["postal_code"] == "lu12ab"
    assert order["ship_to"]["phone"] == "+441582123456"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "=cmd()",
        "^XZ",
        "\u202eevil\u200f",
        "👩‍👧 Ada",
        "杭州市临平区",
        "''; drop table shop_order; --",
    ],
)
async def test_dirt_in_an_address_is_kept_as_text(seller: Seller, text: str) -> None:
    given = ship_to(name=f"A {text}", lines=[f"12 {text}"], city=f"L {text}")
    order = (await seller.post("/v1/orders", order_body(("CUP", 1), ship_to=given))).json()
    for view in (order, (await seller.get(f"/v1/orders/{order['id']}")).json()):
        assert view["ship_to"]["name"] == f"A {text}"
        assert view["ship_to"]["lines"] == [f"12 {text}"]
        assert view["ship_to"]["city"] == f"L {text}"
    answer = await seller.post("/v1/addresses/validate", given)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "pointer"),
    [("x" * 10_000, "/ship_to/name"), ("Ada\x00", "/ship_to/name"), ("", "/ship_to/name")],
)
async def test_a_name_of_ten_kilobytes_or_with_nul_is_refused(
    seller: Seller, name: str, pointer: str
) -> None:
    body = order_body(("CUP", 1), ship_to=ship_to(name=name))
    is_problem(await seller.post("/v1/orders", body), 422, "invalid_body", pointer)
    assert (await seller.get("/v1/orders")).json()["items"] == []


async def test_addresses_lie_sealed_in_the_database(service: Service, seller: Seller) -> None:
    await seller.post("/v1/addresses/validate", ship_to(name="Zebedee Quill"))
    async with staff_transaction(service.pool) as connection:
        found = await connection.fetchval(
            "select count(*) from command where response::text like '%Zebedee%'"
        )
    assert found == 0

"""However an order comes in, it is placed by the house's settings."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.api.service import Json, Seller, Service, bearer, order_body, unique

HOUSE = "https://ship.example"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house is known by a name of its own."""
    monkeypatch.setenv("STOWLINE_PUBLIC_URL", HOUSE)


def doubtful() -> Json:
    """An order whose address lacks its postal code."""
    body = order_body(("CUP", 1))
    del body["ship_to"]["postal_code"]
    return body


async def alone(seller: Seller) -> httpx.Response:
    return await seller.post("/v1/orders", doubtful())


async def among_many(seller: Seller) -> httpx.Response:
    return await seller.post("/v1/orders/bulk", {"orders": [doubtful()]})


async def from_a_file(seller: Seller) -> httpx.Response:
    text = (
        "external_order_id,placed_at,currency,name,address,city,country,sku,quantity,"
        "unit_price_minor\nA-1,2010-12-01T08:26:00+00:00,GBP,Ada,12 Mill Lane,Luton,GB,CUP,1,255\n"
    )
    headers = bearer(seller.key) | {"Content-Type": "text/csv", "Idempotency-Key": unique("key")}
    return await seller.client.post("/v1/orders/csv", content=text.encode(), headers=headers)


async def by_an_edit(seller: Seller) -> httpx.Response:
    order = await seller.order(("CUP", 1))
    headers = bearer(seller.key) | {"Idempotency-Key": unique("key"), "If-Match": "*"}
    path = f"/v1/orders/{order['id']}/edits"
    body = {"ship_to": doubtful()["ship_to"]}
    return await seller.client.post(path, json=body, headers=headers)


@pytest.mark.parametrize("way", [alone, among_many, from_a_file, by_an_edit])
async def test_a_buyer_s_link_leads_to_the_house_as_buyers_know_it(
    service: Service, way: Callable[[Seller], Awaitable[httpx.Response]]
) -> None:
    seller = await service.seller(CUP=10)
    answer = await way(seller)
    assert answer.is_success, answer.text
    [event] = [one for one in await seller.news() if one["type"] == "order.address_doubtful"]
    assert event["data"]["link"].startswith(f"{HOUSE}/buyer/address/")

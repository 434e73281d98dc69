"""An order that is held for its address, and what its buyer sends."""

from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.api.service import Seller, Service, order_body

GOOD = {
    "name": "Ada Merton",
    "lines": "12 Mill Lane",
    "postal_code": "lu12ab",
    "city": "Luton",
    "country": "GB",
    "region": "",
    "district": "",
    "phone": "01582 123456",
}


async def doubtful(
    seller: Seller, more: dict[str, object] | None = None, **ship_to: object
) -> tuple[dict[str, Any], str]:
    """An order that is held for its address, and the path of its link; `more` is of the order."""
    body = order_body(("CUP", 1), **more or {})
    body["ship_to"] |= {"postal_code": ""} | ship_to
    order = (await seller.post("/v1/orders", body)).json()
    events = await seller.news(limit=200)
    [link] = [
        event["data"]["link"]
        for event in events
        if event["type"] == "order.address_doubtful" and event["order_id"] == order["id"]
    ]
    return order, urlsplit(link).path


async def view_of(seller: Seller, order: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await seller.get(f"/v1/orders/{order['id']}")).json()
    return found


async def send(service: Service, path: str, **changed: str) -> httpx.Response:
    return await service.client.post(path, data=GOOD | changed)

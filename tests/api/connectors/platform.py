"""Shop systems as their webhooks are: what they send, and how they sign it."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx

from api.orders.view_messages import OrderView
from tests.api.service import Json, Seller, unique
from wms.orders.connector import signature

SECRET = "0f1e2d3c4b5a6978"


@dataclass(frozen=True, slots=True)
class Platform:
    """A shop system that calls a connector of a seller's."""

    seller: Seller
    connector: Json
    secret: str = SECRET

    topic_header: ClassVar[str]
    name_header: ClassVar[str]
    signature_header: ClassVar[str]

    async def send(
        self, topic: str, body: object, name: str | None = None, **headers: str
    ) -> httpx.Response:
        """What a message is answered, signed unless `headers` say otherwise."""
        text = json.dumps(body).encode()
        said = {
            self.topic_header: topic,
            self.name_header: name or unique("webhook"),
            self.signature_header: signature(self.secret, text),
            "Content-Type": "application/json",
        }
        path = self.connector["path"]
        return await self.seller.client.post(path, content=text, headers=said | headers)

    async def heard(self, topic: str, body: object, name: str | None = None) -> Json:
        """What came of a message that was kept."""
        answer = await self.send(topic, body, name)
        assert answer.status_code == 200, answer.text
        return await self.message(answer.json()["message_id"])

    async def message(self, number: int) -> Json:
        return next(one for one in await self.messages() if one["id"] == number)

    async def messages(self) -> list[Json]:
        path = f"/v1/connectors/{self.connector['id']}/messages"
        found: list[Json] = (await self.seller.get(path)).json()["items"]
        return found

    async def replay(self, message: Json) -> Json:
        """What comes of a message that is carried out again."""
        path = f"/v1/connectors/{self.connector['id']}/messages/{message['id']}/replay"
        answer = await self.seller.post(path, {})
        assert answer.status_code == 200, answer.text
        done: Json = answer.json()
        return done

    async def order(self) -> Json:
        """The one order of the shop."""
        [row] = (await self.seller.get("/v1/orders")).json()["items"]
        view: Json = (await self.seller.get(f"/v1/orders/{row['id']}")).json()
        OrderView.model_validate(view)
        return view

    async def orders(self) -> int:
        return len((await self.seller.get("/v1/orders")).json()["items"])

    async def events(self, event_type: str) -> list[Json]:
        items = await self.seller.news(limit=500)
        return [one for one in items if one["type"] == event_type]


class Shopify(Platform):
    topic_header = "X-Shopify-Topic"
    name_header = "X-Shopify-Webhook-Id"
    signature_header = "X-Shopify-Hmac-Sha256"


class WooCommerce(Platform):
    topic_header = "X-WC-Webhook-Topic"
    name_header = "X-WC-Webhook-Delivery-ID"
    signature_header = "X-WC-Webhook-Signature"


async def let_in(seller: Seller, kind: str, **wishes: object) -> Json:
    """A new connector of a seller's."""
    body = {"kind": kind, "name": unique("shop"), "secret": SECRET} | wishes
    answer = await seller.post("/v1/connectors", body)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def shopify_line(number: int, sku: str, quantity: int, **changed: object) -> Json:
    """A line at 5.00 each."""
    line: Json = {
        "id": number,
        "sku": sku,
        "name": f"{sku.title()} of clay",
        "title": sku.title(),
        "price": "5.00",
        "quantity": quantity,
        "fulfillable_quantity": quantity,
        "requires_shipping": True,
        "properties": [],
        "discount_allocations": [],
    }
    return line | changed


def shopify_order(**changed: object) -> Json:
    """An order as the Admin API's documents show one: two cups and three mugs, not paid yet."""
    address = {
        "name": "Ada Merton",
        "address1": "12 Mill Lane",
        "address2": "",
        "city": "Luton",
        "zip": "LU1 2AB",
        "province": "Bedfordshire",
        "country": "United Kingdom",
        "country_code": "GB",
        "phone": "",
        "latitude": None,
        "longitude": None,
    }
    body: Json = {
        "id": 5_512_345,
        "name": "#1001",
        "created_at": "2024-05-04T09:00:00+01:00",
        "updated_at": "2024-05-04T09:00:00+01:00",
        "cancelled_at": None,
        "cancel_reason": None,
        "currency": "GBP",
        "total_price": "29.90",
        "financial_status": "pending",
        "fulfillment_status": None,
        "test": False,
        "email": "ada@example.com",
        "note": None,
        "note_attributes": [],
        "line_items": [shopify_line(11, "CUP", 2), shopify_line(12, "MUG", 3)],
        "shipping_lines": [{"code": "post", "title": "Post"}],
        "shipping_address": address,
        "billing_address": address,
        "customer": {"id": 77, "first_name": "Ada", "last_name": "Merton"},
        "refunds": [],
    }
    return body | changed


def shopify_refund(*dropped: tuple[int, int], amount: str = "", **changed: object) -> Json:
    """A refund of so much, which takes so many of some lines off before they are shipped."""
    transaction = {"kind": "refund", "status": "success", "amount": amount, "currency": "GBP"}
    body: Json = {
        "id": 909,
        "order_id": 5_512_345,
        "created_at": "2024-05-05T10:00:00+01:00",
        "refund_line_items": [
            {"line_item_id": line, "quantity": quantity, "restock_type": "cancel"}
            for line, quantity in dropped
        ],
        "transactions": [transaction] if amount else [],
    }
    return body | changed


def woo_order(**changed: object) -> Json:
    """An order as the REST API's documents show one, with two lines and a coupon."""
    body: dict[str, Any] = {
        "id": 727,
        "number": "727",
        "status": "processing",
        "currency": "GBP",
        "date_created_gmt": "2017-03-22T19:28:02",
        "date_modified_gmt": "2017-03-22T19:28:08",
        "date_paid_gmt": "2017-03-22T19:28:08",
        "total": "29.35",
        "total_tax": "1.35",
        "prices_include_tax": False,
        "customer_id": 0,
        "customer_note": "Ring twice",
        "billing": {
            "first_name": "John",
            "last_name": "Doe",
            "address_1": "969 Market",
            "city": "Leeds",
            "postcode": "LS1 4AP",
            "country": "GB",
            "email": "john.doe@example.com",
            "phone": "0113 496 0000",
        },
        "shipping": {"first_name": "", "address_1": "", "city": "", "postcode": "", "country": ""},
        "line_items": [
            {"id": 315, "name": "Cup", "quantity": 2, "total": "6.00", "sku": "CUP"},
            {"id": 316, "name": "Mug", "quantity": 3, "total": "10.00", "sku": "MUG"},
        ],
        "shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat Rate"}],
        "refunds": [],
        "meta_data": [{"id": 13106, "key": "_unknown", "value": {"any": ["thing"]}}],
    }
    return body | changed

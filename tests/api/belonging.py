"""One of everything that a tenant may have, under the names that paths, queries and bodies use."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from tests.api.service import Json, Seller, Service, bearer, order_body, payment_of, unique
from wms.journey.buyer.digital import deliver
from wms.orders.connector import signature

# Stands in every text of the tenant, so that a list which shows any of its things is found out.
MARK = "ZEPHYR"
CUP, GAME = f"{MARK}_CUP", f"{MARK}_GAME"
NAME = re.compile(r"([a-z-]+)/\{(\w+)\}")
WORDS = {"name": f"{MARK} Merton", "lines": [f"{MARK} Lane"]}
BUYER = {"name": f"{MARK} Merton", "email": "zephyr@example.com", "reference": MARK}


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a seller has: by `segment/{parameter}` of a path, and by the name of a field.

    `marks` are texts by which each is known.
    """

    seller: Seller
    named: dict[str, str]
    fields: dict[str, object]
    marks: tuple[str, ...]

    def address(self, path: str) -> str:
        """A path with the seller's own things in it.

        Raises: KeyError, this path names something that nobody has made here yet.
        """

        return in_place(path, self.named)

    def unknown(self, path: str) -> list[str]:
        """What a path names that nobody has made here yet."""
        return [found[0] for found in NAME.finditer(path) if found[0] not in self.named]


def in_place(path: str, named: dict[str, str]) -> str:
    """A path with these in it; what is under a longer name, with the segment after it, goes first.

    Raises: KeyError
    """

    def value(found: re.Match[str]) -> str:
        after = path[found.end() :].partition("{")[0].rstrip("/")
        return f"{found[1]}/{named.get(found[0] + after) or named[found[0]]}"

    return NAME.sub(value, path)


async def belongings(service: Service) -> Belongings:
    """A seller with one of everything."""
    seller = await service.seller(**{CUP: 100})
    made = _Maker(service, seller)
    named = await made.papers() | await made.orders() | await made.endpoints()
    named |= await made.digital()
    named |= await made.connectors()
    named |= await made.sale()
    second = await made.post("/v1/keys", {})
    named["keys/{prefix}"] = second["prefix"]
    fields: dict[str, object] = {
        "order_id": int(named["orders/{order_id}"]),
        "fulfilment_order_id": int(named["fulfilment-orders/{fulfilment_order_id}"]),
        "quote_id": named["quotes"],
        "admission_id": int(named["admissions/{admission_id}"]),
        "sku": CUP,
        "supplier": MARK,
        "email": BUYER["email"],
        "subject": f"order/{named['orders/{order_id}']}",
        "line": 1,
    }
    return Belongings(seller, named, fields, (MARK, MARK.lower(), second["prefix"]))


@dataclass(frozen=True, slots=True)
class _Maker:
    service: Service
    seller: Seller

    async def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> Json:
        headers = bearer(self.seller.key) | {"Idempotency-Key": unique("key")} | (headers or {})
        answer = await self.service.client.post(path, json=body, headers=headers)
        return _said(answer)

    async def put(self, path: str, body: object) -> Json:
        return _said(await self.seller.put(path, body))

    async def papers(self) -> dict[str, str]:
        """What is said of the shop and its goods."""
        await self.put("/v1/shops/current", {"channel": MARK.lower()})
        terms = {"prices": [{"from_quantity": 1, "price_minor": 120}]}
        await self.put(
            f"/v1/suppliers/{MARK}", {"name": MARK, "currency": "GBP", "lead_time_days": 3}
        )
        await self.put(f"/v1/suppliers/{MARK}/items/{CUP}", terms)
        sale = {
            "name": MARK,
            "starts_at": "2030-12-01T00:00:00Z",
            "ends_at": "2030-12-24T00:00:00Z",
        }
        await self.put(f"/v1/promotions/{MARK}", sale | {"items": [{"sku": CUP}]})
        lines = [{"sku": CUP, "quantity": 48}]
        purchase = await self.post(
            "/v1/purchase-orders", {"supplier": MARK, "reference": MARK, "lines": lines}
        )
        asn = {"kind": "asn", "reference": MARK, "expected_at": "2030-12-06T09:00:00Z"}
        inbound = await self.post("/v1/inbound-shipments", asn | {"lines": lines})
        return {
            "items/{sku}": CUP,
            "policies/{sku}": CUP,
            "suppliers/{code}": MARK,
            "promotions/{code}": MARK,
            "purchase-orders/{purchase_order_id}": str(purchase["id"]),
            "inbound-shipments/{inbound_id}": str(inbound["id"]),
        }

    async def order(self, quantity: int = 2, sku: str = CUP) -> Json:
        body = order_body((sku, quantity), customer=BUYER)
        body["ship_to"] |= WORDS
        return await self.post("/v1/orders", body | {"external_order_id": unique(MARK)})

    async def orders(self) -> dict[str, str]:
        """Orders, and what hangs on them."""
        order = await self.order()
        await self.post(f"/v1/orders/{order['id']}/payments", payment_of(order))
        held = await self.post(f"/v1/orders/{order['id']}/holds", {"reason": MARK})
        off = await self.order()
        request = await self.post(f"/v1/orders/{off['id']}/cancellation-requests", {"reason": MARK})
        refused = await self.seller.post("/v1/orders", order_body((CUP, 10_000)))
        assert refused.status_code >= 400
        quote = await self.post(
            "/v1/quotes",
            {
                "lines": [{"sku": CUP, "quantity": 1}],
                "ship_to": {"country": "GB", "postal_code": "LU1 2AB"},
            },
        )
        fulfilment = order["fulfilment_orders"][0]["id"]
        ticket = await self.post("/v1/handoffs", {"order_id": order["id"], "words": MARK})
        return {
            "handoffs/{handoff_id}": str(ticket["id"]),
            "orders/{order_id}": str(order["id"]),
            "holds/{hold_id}": str(held["holds"][0]["id"]),
            "fulfilment-orders/{fulfilment_order_id}": str(fulfilment),
            "orders/{order_id}/cancellation-requests": str(off["id"]),
            "cancellation-requests/{request_id}": str(request["id"]),
            "quotes": str(quote["id"]),
        }

    async def digital(self) -> dict[str, str]:
        """Digital goods that went to a buyer, and news of them."""
        item = {"name": MARK, "width_mm": 1, "depth_mm": 1, "height_mm": 1, "mass_g": 1}
        await self.put(f"/v1/items/{GAME}", item | {"digital": "code"})
        codes = {"codes": [{"code": f"{MARK}-{number}"} for number in range(3)]}
        await self.post(f"/v1/items/{GAME}/codes", codes)
        maker = {"url": f"https://{MARK.lower()}.example/make", "quota": 5}
        await self.put(f"/v1/items/{GAME}/generator", maker)
        await self.put("/v1/shop/notices", {"kinds": ["shipped"], "sender_name": MARK})
        order = await self.order(1, GAME)
        await self.post(f"/v1/orders/{order['id']}/payments", payment_of(order))
        now = self.service.app.state.house.now()
        await deliver(self.service.pool, order["fulfilment_orders"][0]["id"], now)
        found = await self.seller.get(f"/v1/orders/{order['id']}/digital-deliveries")
        return {
            "items/{sku}/codes": GAME,
            "items/{sku}/generator": GAME,
            "orders/{order_id}/digital-deliveries": str(order["id"]),
            "digital-deliveries/{delivery_id}": str(found.json()["items"][0]["id"]),
        }

    async def connectors(self) -> dict[str, str]:
        """Another shop system, and a message of it that could not be carried out."""
        secret, text = "zephyr-secret", b'{"id": 7, "currency": "GBP"}'
        connector = await self.post(
            "/v1/connectors", {"kind": "shopify", "name": MARK, "secret": secret}
        )
        headers = {
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Webhook-Id": MARK,
            "X-Shopify-Hmac-Sha256": signature(secret, text),
        }
        heard = await self.service.client.post(connector["path"], content=text, headers=headers)
        return {
            "connectors/{connector_id}": str(connector["id"]),
            "messages/{message_id}": str(_said(heard)["message_id"]),
        }

    async def sale(self) -> dict[str, str]:
        """A sale with somebody in its queue, and a rule for gifts."""
        drop = f"{MARK}_DROP"
        item = {"name": MARK, "width_mm": 9, "depth_mm": 9, "height_mm": 9, "mass_g": 9}
        await self.put(f"/v1/items/{drop}", item)
        sale = {"starts_at": "2020-12-01T00:00:00Z", "ends_at": "2090-12-24T00:00:00Z"}
        await self.put(f"/v1/sales/{MARK}", sale | {"items": [{"sku": drop}], "queue": {}})
        ticket = await self.post("/v1/admissions", {"sale": MARK, "buyer": {"reference": MARK}})
        await self.put(f"/v1/insert-rules/{MARK}", {"kind": "gift", "sku": drop, "active": False})
        return {
            "sales/{code}": MARK,
            "admissions/{admission_id}": str(ticket["id"]),
            "insert-rules/{code}": MARK,
        }

    async def endpoints(self) -> dict[str, str]:
        """A webhook endpoint with a delivery."""
        url = f"https://{MARK.lower()}.example/hook"
        endpoint = await self.post("/v1/webhook-endpoints", {"url": url})
        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        delivery = await self.post(f"{path}/test", {})
        return {
            "webhook-endpoints/{endpoint_id}": str(endpoint["id"]),
            "deliveries/{delivery_id}": str(delivery["delivery_id"]),
        }


def _said(answer: httpx.Response) -> Json:
    assert answer.status_code < 300, answer.text
    found: Json = answer.json()
    return found


def operations(document: Json, scheme: str) -> list[tuple[str, str, Json]]:
    """Method, path and operation of all that somebody may ask who has this kind of key."""
    return [
        (method, path, operation)
        for path, found in document["paths"].items()
        for method, operation in found.items()
        if any(scheme in one for one in operation.get("security", []))
    ]


def resolved(document: Json, schema: Json) -> Json:
    """A schema, looked up where it is a reference."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def body_schema(document: Json, operation: Json) -> Json | None:
    """The object that an operation takes as JSON, or None."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = resolved(document, content["application/json"]["schema"])
    options = [resolved(document, one) for one in schema.get("anyOf", [schema])]
    return next((one for one in options if one.get("type") != "null"), None)


def example_of(document: Json, operation: Json) -> Any:
    """The first example of what an operation takes, or None where it takes nothing."""
    schema = body_schema(document, operation)
    if schema is None:
        return None
    shown = operation["requestBody"]["content"]["application/json"]
    return shown["example"] if "example" in shown else schema["examples"][0]


def fitted(node: Any, fields: dict[str, object]) -> Any:
    """An example in which what this house has stands for what the document made up."""
    if isinstance(node, list):
        return [fitted(one, fields) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: fields[key]
        if key in fields and not isinstance(value, dict | list)
        else fitted(value, fields)
        for key, value in node.items()
    }


def numbered(node: Any) -> Any:
    """A body that is sent for the first time, where it carries a number of the shop's own."""
    if isinstance(node, list):
        return [numbered(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: unique("order") if key == "external_order_id" else numbered(value)
        for key, value in node.items()
    }


async def staff_things(service: Service, token: str) -> dict[str, str]:
    """What the house has that staff may name, by `segment/{parameter}`."""

    async def post(path: str, body: object) -> Json:
        headers = bearer(token) | {"Idempotency-Key": unique("key")}
        return _said(await service.client.post(path, json=body, headers=headers))

    place = "A-01-01-1"
    unit = await post("/v1/handling-units", {"kind": "pallet", "place": place})
    count = await post("/v1/counts", {"place": place, "reason": MARK})
    wave = await post("/v1/waves", {})
    slots = await post("/v1/slotting-proposals", {})
    return {
        "places/{code}": place,
        "refill-rules/{sku}": CUP,
        "handling-units/{code}": unit["code"],
        "counts/{count_id}": str(count["id"]),
        "waves/{wave_id}": str(wave["id"]),
        "slotting-proposals/{proposal_id}": str(slots["id"]),
        "movements/{movement_id}": "1",
        "carriers/{code}": "SIMEX",
        "delivery-options/{code}": "standard",
    }

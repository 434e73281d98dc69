"""Whatever way an order comes in, dirt in a buyer's words is text, or refused: never cut or lost.

What becomes of it on labels, in mails and on screens stands in tests/api/addresses/test_dirt.py
and tests/api/dispatch/test_mail.py.
"""

import csv
import io
import json
from collections.abc import Awaitable, Callable

import pytest

from api.orders.sheet import NEEDS
from tests.api.connectors.platform import (
    Platform,
    Shopify,
    WooCommerce,
    let_in,
    shopify_order,
    woo_order,
)
from tests.api.service import Json, Seller, Service, bearer, order_body, unique

DIRT = {
    "a script": "<script>alert(1)</script>",
    "a formula": "=cmd()",
    "a formula behind a sign": "@SUM(1+1)*cmd|' /C calc'!A0",
    "the end of a label": "^XZ",
    "a printer's command": "~JA^XA^FDx^FS",
    "marks from right to left": "\u202ereversed\u202c\u200f",
    "an emoji": "👩‍👧",
    "quotes, and what parts cells": "a \"b\", 'c'; d\te",
    "a template": "{{ 7 * 7 }} {% include 'x' %} ${7*7} %s",
    "a command of the database": "'); drop table shop_order; --",
}
REFUSED = {
    "ten thousand characters": "x" * 10_000,
    "the character NUL": "A\x00B",
    "half a character": "A\ud800B",
}
# How an order comes in with this name and this street; whether it was taken.
Way = Callable[[Service, Seller, str], Awaitable[bool]]


async def by_order(service: Service, seller: Seller, dirt: str) -> bool:
    answer = await seller.client.post(
        "/v1/orders", content=_json(_body(dirt)), headers=_headers(seller)
    )
    assert answer.status_code in (201, 400, 422), answer.text
    return answer.status_code == 201


async def by_bulk(service: Service, seller: Seller, dirt: str) -> bool:
    answer = await seller.client.post(
        "/v1/orders/bulk", content=_json({"orders": [_body(dirt)]}), headers=_headers(seller)
    )
    assert answer.status_code in (200, 400, 422), answer.text
    taken = answer.status_code == 200
    return taken and bool(answer.json()["answers"][0]["status"] == 201)


async def by_file(service: Service, seller: Seller, dirt: str) -> bool:
    row = dict(zip(NEEDS, ["D-1", "2010-12-01T08:26:00+00:00", "GBP", dirt, dirt, "Luton", "GB",
                           "CUP", "1", "255"], strict=True))  # fmt: skip
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, NEEDS)
    writer.writeheader()
    writer.writerow(row)
    answer = await seller.client.post(
        "/v1/orders/csv",
        content=out.getvalue().encode("utf-8", "surrogatepass"),
        headers=_headers(seller) | {"Content-Type": "text/csv"},
    )
    assert answer.status_code in (200, 422), answer.text
    return answer.status_code == 200 and answer.json()["accepted"] == 1


async def by_shopify(service: Service, seller: Seller, dirt: str) -> bool:
    body = shopify_order()
    body["shipping_address"] = body["shipping_address"] | {"name": dirt, "address1": dirt}
    body["line_items"] = body["line_items"][:1]
    return await _heard(Shopify(seller, await let_in(seller, "shopify")), "orders/create", body)


async def by_woocommerce(service: Service, seller: Seller, dirt: str) -> bool:
    body = woo_order()
    body["billing"] = body["billing"] | {"first_name": dirt, "last_name": "", "address_1": dirt}
    body["line_items"] = body["line_items"][:1]
    platform = WooCommerce(seller, await let_in(seller, "woocommerce"))
    return await _heard(platform, "order.created", body)


WAYS = {
    "order": by_order,
    "bulk": by_bulk,
    "file": by_file,
    "shopify": by_shopify,
    "woocommerce": by_woocommerce,
}


def _body(dirt: str) -> Json:
    body = order_body(("CUP", 1))
    body["ship_to"] |= {"name": dirt, "lines": [dirt]}
    return body


def _json(body: Json) -> bytes:
    # As a shop writes it that does not look: half characters are escaped.
    return json.dumps(body).encode()


def _headers(seller: Seller) -> dict[str, str]:
    own = {"Content-Type": "application/json", "Idempotency-Key": unique("key")}
    return bearer(seller.key) | own


async def _heard(platform: Platform, topic: str, body: Json) -> bool:
    came = await platform.heard(topic, body)
    assert came["state"] in ("done", "refused")
    return bool(came["state"] == "done")


@pytest.mark.parametrize("way", list(WAYS.values()), ids=list(WAYS))
@pytest.mark.parametrize("dirt", list(DIRT.values()), ids=list(DIRT))
async def test_dirt_comes_in_as_text(service: Service, way: Way, dirt: str) -> None:
    seller = await service.seller(CUP=10)
    assert await way(service, seller, dirt)
    [row] = (await seller.get("/v1/orders")).json()["items"]
    order = (await seller.get(f"/v1/orders/{row['id']}")).json()
    assert (order["ship_to"]["name"], order["ship_to"]["lines"]) == (dirt, [dirt])


@pytest.mark.parametrize("way", list(WAYS.values()), ids=list(WAYS))
@pytest.mark.parametrize("dirt", list(REFUSED.values()), ids=list(REFUSED))
async def test_what_cannot_be_kept_is_refused_and_not_cut(
    service: Service, way: Way, dirt: str
) -> None:
    seller = await service.seller(CUP=10)
    assert not await way(service, seller, dirt)
    assert (await seller.get("/v1/orders")).json()["items"] == []

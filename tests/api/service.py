"""The real application in this process, over a real database with one warehouse in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI

from api.app import create
from api.problems import MEDIA_TYPE, Problem
from tests import builders
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.tenants import commands as tenants
from wms.tenants.shop import Shop
from wms.tenants.staff import Role

PIN = "2468"
Json = dict[str, Any]

_numbers = count(1)


def unique(word: str) -> str:
    """A text that nothing else in this run has."""
    return f"{word}-{next(_numbers)}"


@dataclass(frozen=True, slots=True)
class Service:
    """The application and a client of it that is nobody yet."""

    app: FastAPI
    client: httpx.AsyncClient
    pool: asyncpg.Pool

    async def seller(self, **quantities: int) -> "Seller":
        """A new shop with a key and that much stock of each item: `CUP=10`."""
        shop = await builders.stocked_shop(self.pool, **quantities)
        return Seller(self.client, shop, await self.key_of(shop), self.pool)

    async def key_of(self, shop: Shop, *scopes: str) -> str:
        """A new key of a shop."""
        async with staff_transaction(self.pool) as connection:
            return await tenants.create_key(connection, shop.name, list(scopes), sandbox=False)

    async def sibling(self, seller: "Seller") -> "Seller":
        """A second shop of the same tenant and owner, with a key of its own."""
        name, tenant_id = unique("sibling"), seller.shop.tenant_id
        async with staff_transaction(self.pool) as connection:
            shop_id = await connection.fetchval(
                "insert into shop (tenant_id, owner_id, name) values ($1, $2, $3) returning id",
                tenant_id,
                seller.shop.owner_id,
                name,
            )
            key = await tenants.create_key(connection, unique("spare"), [], sandbox=False)
            await connection.execute(
                "update api_key set tenant_id = $1, shop_id = $2 where prefix = $3",
                tenant_id,
                shop_id,
                key.split("_")[1],
            )
        shop = Shop(tenant_id, seller.shop.owner_id, shop_id, name, frozenset(), False)
        return Seller(self.client, shop, key, self.pool)

    async def sign_in(self, role: Role) -> str:
        """A session's token of somebody with that role."""
        badge = unique("B")
        async with staff_transaction(self.pool) as connection:
            await entry.enter_staff(connection, badge, role, badge, PIN)
        answer = await self.client.post(
            "/handheld/sessions", json={"badge": badge, "pin": PIN, "device": "HH-01"}
        )
        assert answer.status_code == 201
        token: str = answer.json()["token"]
        return token


@dataclass(frozen=True, slots=True)
class Seller:
    """A shop that knocks at the API with its key."""

    client: httpx.AsyncClient
    shop: Shop
    key: str
    pool: asyncpg.Pool

    async def post(
        self, path: str, body: object, idempotency_key: str | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": idempotency_key or unique("key")} | bearer(self.key)
        return await self.client.post(path, json=body, headers=headers)

    async def get(self, path: str, **parameters: str | int) -> httpx.Response:
        return await self.client.get(path, params=parameters, headers=bearer(self.key))

    async def news(self, **parameters: str | int) -> list[Json]:
        """A page of its events, once the feed waits for no older transaction any more."""
        await builders.settle(self.pool)
        found: list[Json] = (await self.get("/v1/events", **parameters)).json()["items"]
        return found

    async def put(self, path: str, body: object) -> httpx.Response:
        return await self.client.put(path, json=body, headers=bearer(self.key))

    async def order(self, *lines: tuple[str, int]) -> Json:
        """An accepted order of these SKUs and quantities."""
        answer = await self.post("/v1/orders", order_body(*lines))
        assert answer.status_code == 201, answer.text
        body: Json = answer.json()
        return body

    async def pay(self, order: Json) -> Json:
        """The order, paid in full."""
        answer = await self.post(f"/v1/orders/{order['id']}/payments", payment_of(order))
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def order_body(*lines: tuple[str, int], **changed: object) -> Json:
    """An order as a shop posts it, under a number of its own; `changed` fields replace others."""
    price = {"amount_minor": 255, "currency": "GBP"}
    body: Json = {
        "external_order_id": unique("order"),
        "placed_at": "2010-12-01T08:26:00+00:00",
        "currency": "GBP",
        "customer": {"name": "Ada Merton", "reference": "17850"},
        "ship_to": {
            "name": "Ada Merton",
            "lines": ["12 Mill Lane"],
            "postal_code": "LU1 2AB",
            "city": "Luton",
            "country": "GB",
            "latitude": 51.9,
            "longitude": -0.4,
        },
        "lines": [{"sku": sku, "quantity": n, "unit_price": price} for sku, n in lines],
    }
    return body | changed


def payment_of(order: Json) -> Json:
    """The whole of what an order comes to, paid."""
    return {"state": "paid", "amount": order["total"], "at": "2010-12-01T08:27:00+00:00"}


def is_problem(
    answer: httpx.Response, status: int, code: str, pointer: str | None = None
) -> Problem:
    """The problem document that an answer is, after a look at everything that is promised of it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    found = Problem.model_validate(answer.json())
    assert (found.status, found.code) == (status, code)
    assert found.type == f"urn:stowline:problem:{code}"
    assert found.title and found.detail
    if pointer is not None:
        assert found.pointer == pointer
    return found


@asynccontextmanager
async def open_service(pool: asyncpg.Pool) -> AsyncIterator[Service]:
    """The application between its start and its end; the environment names its database."""
    app = create()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://stowline.test") as client,
    ):
        await builders.enter_house(pool)
        yield Service(app, client, pool)

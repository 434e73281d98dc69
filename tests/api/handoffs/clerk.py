"""Who asks for a human, and the staff who answer."""

from urllib.parse import urlsplit

import httpx

from tests.api.service import Json, Seller, bearer, unique
from tests.builders import settle


class Clerk:
    """One of the staff at the API."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._token = client, token

    async def post(self, path: str, body: object = None, key: str | None = None) -> httpx.Response:
        headers = bearer(self._token) | {"Idempotency-Key": key or unique("key")}
        return await self._client.post(f"/v1/handoffs/{path}", json=body, headers=headers)

    async def get(self, path: str, **parameters: str | int) -> httpx.Response:
        return await self._client.get(path, params=parameters, headers=bearer(self._token))


async def ask(seller: Seller, words: str = "Where is it?", **more: object) -> Json:
    answer = await seller.post("/v1/handoffs", {"words": words} | more)
    assert answer.status_code == 201, answer.text
    ticket: Json = answer.json()
    return ticket


async def buyer_link(seller: Seller, order: Json) -> str:
    answer = await seller.post("/v1/handoffs/links", {"order_id": order["id"]})
    assert answer.status_code == 201, answer.text
    return str(urlsplit(answer.json()["link"]).path)


async def events(seller: Seller, word: str) -> list[Json]:
    await settle(seller.pool)
    found: list[Json] = []
    after = ""
    while items := (page := (await seller.get("/v1/events", after=after, limit=100)).json())[
        "items"
    ]:
        found += [one for one in items if one["type"] == word]
        after = page["next"]
    return found

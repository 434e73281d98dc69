"""A shop that sells a game by mail, and its generator of codes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from aiohttp import web

from api.wiring import House
from tests.api.service import Seller, Service, order_body, payment_of
from tests.builders import rows
from wms.journey.buyer.digital import deliver

GAME = {"name": "Game", "width_mm": 1, "depth_mm": 1, "height_mm": 1, "mass_g": 1,
        "digital": "code"}  # fmt: skip
ADA = {"name": "Ada Merton", "email": "ada@merton.example"}


@dataclass(slots=True)
class Maker:
    """A shop's generator: the next of `answers`, else the same code for the same request.

    pieces: what it says bit by bit instead. gate: it answers when that is set.
    """

    url: str = ""
    pieces: list[bytes] = field(default_factory=list)
    gate: asyncio.Event | None = None
    answers: list[web.Response] = field(default_factory=list)
    heard: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def make(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): text for name, text in request.headers.items()}
        self.heard.append((headers, await request.text()))
        if self.gate is not None:
            await self.gate.wait()
        if self.pieces:
            response = web.StreamResponse()
            await response.prepare(request)
            for piece in self.pieces:
                await response.write(piece)
                # Each is read before the next is on its way.
                await asyncio.sleep(0.05)
            await response.write_eof()
            return response
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"code": f"MADE-{headers['webhook-id']}"})


@asynccontextmanager
async def making() -> AsyncIterator[Maker]:
    maker = Maker()
    app = web.Application()
    app.router.add_post("/make", maker.make)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    maker.url = f"http://127.0.0.1:{runner.addresses[0][1]}/make"
    try:
        yield maker
    finally:
        if maker.gate is not None:
            maker.gate.set()
        await runner.cleanup()


async def seller_of(service: Service, *codes: str) -> Seller:
    seller = await service.seller(MUG=5)
    assert (await seller.put("/v1/items/GAME", GAME)).status_code == 200
    if codes:
        body = {"codes": [{"code": code} for code in codes]}
        assert (await seller.post("/v1/items/GAME/codes", body)).status_code == 200
    return seller


async def bought(seller: Seller, quantity: int = 1) -> dict[str, Any]:
    answer = await seller.post("/v1/orders", order_body(("GAME", quantity), customer=ADA))
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    paid = await seller.post(f"/v1/orders/{order['id']}/payments", payment_of(order))
    assert paid.status_code == 200
    return order


async def asked(pool: asyncpg.Pool, house: House, order: dict[str, Any]) -> list[int]:
    """Lets a paid order go as far as it can; the deliveries whose codes are to be made."""
    await deliver(pool, order["fulfilment_orders"][0]["id"], house.now())
    found = await rows(
        pool,
        "select id from digital_delivery where order_id = $1 and code_id is null order by id",
        order["id"],
    )
    return [row["id"] for row in found]

"""Asks a shop's generator for a code, signed as webhooks are and kept from our own doors alike.

A request has one `webhook-id` however often it is made: a generator that has made a code for it
gives the same again. It answers 200 with `{"code": "…"}` and may say until when it is valid.

Source: Standard Webhooks 1.0.0, signature scheme.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from standardwebhooks import Webhook

from api.dispatch.guard import open_client
from api.dispatch.topic import UNSENT
from api.field import Moment
from api.wiring import House
from wms.digital.digital import CODE_MAX
from wms.error import Conflict, WmsError
from wms.journey.buyer.generation import (
    Asked,
    asked_of_generator,
    give_up_generated,
    take_generated,
)

AT_ONCE = 16
ANSWER_S_MAX = 5.0
ANSWER_BYTES_MAX = 20_000
# The last of them begins some 19 s after the first at the latest.
TRIES = 4


class Made(BaseModel):
    """What a generator answers; what else it says is of no matter."""

    model_config = ConfigDict(extra="ignore")

    code: str = Field(min_length=1, max_length=CODE_MAX)
    valid_until: Moment | None = None


class Generators:
    """The generators of all shops, over one client."""

    def __init__(self, house: House, client: aiohttp.ClientSession) -> None:
        self._house = house
        self._client = client
        self._guarded = house.settings.webhook_private != "yes"

    async def make(self, delivery_id: int, attempts: int) -> None:
        """Has the code of a delivery made and kept; after the last attempt its order is held.

        Raises:
            Conflict: `generator_failed`, it is asked again.
        """
        house = self._house
        try:
            asked = await asked_of_generator(house.pool, delivery_id)
            if asked is None:
                return
            made = await self._ask(asked, house.now())
            await take_generated(house.pool, delivery_id, made.code, made.valid_until, house.now())
        except WmsError as error:
            if attempts < TRIES:
                raise
            await give_up_generated(house.pool, delivery_id, error.detail, house.now())

    async def _ask(self, asked: Asked, now: datetime) -> Made:
        if self._guarded and not asked.url.lower().startswith("https://"):
            raise Conflict("generator_failed", "generators are called by https only")
        body = json.dumps(asked.body, separators=(",", ":"), ensure_ascii=False)
        headers = {
            "webhook-id": asked.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(asked.secret).sign(asked.message_id, now, body),
            "Content-Type": "application/json",
            "User-Agent": "Stowline",
        }
        try:
            async with self._client.post(
                asked.url,
                data=body.encode(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=ANSWER_S_MAX),
                allow_redirects=False,
            ) as response:
                answer = await _whole(response)
        except TimeoutError as error:
            raise Conflict("generator_failed", f"no answer in {ANSWER_S_MAX:g} s") from error
        except UNSENT as error:
            raise Conflict("generator_failed", f"{type(error).__name__}") from error
        if response.status != 200:
            raise Conflict("generator_failed", f"it answered HTTP {response.status}")
        try:
            return Made.model_validate_json(answer)
        except ValidationError as error:
            raise Conflict("generator_failed", "its answer holds no code") from error


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    """An answer with all its pieces, or as much of it as one may have."""
    answer = b""
    async for piece in response.content.iter_any():
        answer += piece
        if len(answer) > ANSWER_BYTES_MAX:
            raise Conflict("generator_failed", "its answer is too long")
    return answer


@asynccontextmanager
async def open_generators(house: House) -> AsyncIterator[Generators]:
    """The generators, while their client is open."""
    private = house.settings.webhook_private == "yes"
    async with open_client(connections=AT_ONCE, private=private) as client:
        yield Generators(house, client)

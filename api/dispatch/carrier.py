"""Words to carriers: parcels that come, parcels that do not."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import asyncpg

from api.dispatch.topic import TIMEOUT, UNSENT, Outcome, Sent, Topic, failure, let_go
from api.wiring import House
from wms.journey.order.waybill import carrier_told
from wms.outbox.schedule import carrier_wait_after


@asynccontextmanager
async def open_carriers(house: House, connections: int) -> AsyncIterator[Topic]:
    """The topic `carrier`, while its client is open; where carriers are is the house's own word."""
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as client:
        yield carrier_topic(house, client)


def carrier_topic(house: House, client: aiohttp.ClientSession) -> Topic:
    """The topic `carrier` over a client."""

    async def send(message: asyncpg.Record) -> Outcome:
        headers = {
            "Idempotency-Key": message["message_id"],
            "Authorization": f"Bearer {message['secret']}",
            "Content-Type": "application/json",
        }
        body = json.dumps(message["payload"]["body"], separators=(",", ":"))
        try:
            async with client.post(
                message["url"] + message["payload"]["path"],
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as response:
                await let_go(response)
        except UNSENT as error:
            return failure(error)
        taken = response.status < 300
        return Outcome(None if taken else f"HTTP {response.status}", response.status)

    return Topic(
        "carrier", send, lambda attempts: carrier_wait_after(attempts, house.rng), _note_told
    )


async def _note_told(connection: asyncpg.Connection, sent: Sequence[Sent], house: House) -> None:
    for one in sent:
        if one.outcome.error is None and one.message["payload"]["path"] == "/pickups":
            tracking_number = one.message["payload"]["body"]["waybill"]["tracking_number"]
            await carrier_told(connection, tracking_number, house.now())

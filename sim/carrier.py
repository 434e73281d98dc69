"""The carrier: is told of pickups and voids, and scans what its vans take away."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from aiohttp import web

from sim.chance import fraction
from sim.tally import Tally

_AT_ONCE = 4
_PATIENCE_S = 30.0
_AGAIN_S = 0.2


@dataclass(slots=True)
class Carrier:
    """One carrier; `pickups` holds the tracking number of each SSCC it was told of.

    `away` is the share of messages whose first delivery is answered with 503.
    """

    session: aiohttp.ClientSession
    api_url: str
    key: str
    seed: int
    away: float
    clock: Callable[[], datetime]
    tally: Tally
    pickups: dict[str, str] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    _tries: Counter[str] = field(default_factory=Counter)

    def application(self) -> web.Application:
        """Give the web application that is told of pickups and voids."""
        application = web.Application()
        application.router.add_post("/pickups", self._take_pickup)
        application.router.add_post("/voids", self._take_void)
        return application

    async def _take_pickup(self, request: web.Request) -> web.Response:
        waybill = (await request.json())["waybill"]
        if self._is_away(request):
            return web.Response(status=503)
        known = self.pickups.get(waybill["sscc"])
        if known is not None and known != waybill["tracking_number"]:
            self.tally.fail(f"{waybill['sscc']} has two tracking numbers")
        self.tally.counts["pickups" if known is None else "pickups_repeated"] += 1
        self.pickups[waybill["sscc"]] = waybill["tracking_number"]
        return web.json_response({"tracking_number": waybill["tracking_number"]})

    async def _take_void(self, request: web.Request) -> web.Response:
        number = (await request.json())["tracking_number"]
        if self._is_away(request):
            return web.Response(status=503)
        self.tally.counts["voids"] += number not in self.voided
        self.voided.add(number)
        return web.json_response({"tracking_number": number})

    def _is_away(self, request: web.Request) -> bool:
        key = request.headers.get("Idempotency-Key", "")
        self._tries[key] += 1
        away = self._tries[key] == 1 and fraction(self.seed, "carrier away", key) < self.away
        self.tally.counts["carrier_turned_away"] += away
        return away

    async def take_over(self, parcels: list[str]) -> None:
        """Scan every parcel of a van, and tell the house of each."""
        waiting = list(parcels)
        async with asyncio.TaskGroup() as scanners:
            for _ in range(_AT_ONCE):
                scanners.create_task(self._scan(waiting))

    async def _scan(self, waiting: list[str]) -> None:
        while waiting:
            sscc = waiting.pop(0)
            number = await self._tracking_number(sscc)
            if number is None:
                self.tally.fail(f"the carrier was never told of parcel {sscc}")
            elif number in self.voided:
                self.tally.fail(f"parcel {sscc} left under the voided number {number}")
            else:
                await self._tell(number)

    async def _tracking_number(self, sscc: str) -> str | None:
        give_up_s = time.monotonic() + _PATIENCE_S
        while sscc not in self.pickups and time.monotonic() < give_up_s:
            await asyncio.sleep(_AGAIN_S)
        return self.pickups.get(sscc)

    async def _tell(self, number: str) -> None:
        body = {"tracking_number": number, "type": "accepted", "at": self.clock().isoformat()}
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": f"accepted-{number}"}
        url = f"{self.api_url}/v1/tracking-events"
        give_up_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                async with self.session.post(url, json=body, headers=headers) as answer:
                    status, text = answer.status, await answer.text()
            except (
                aiohttp.ClientConnectionError,
                aiohttp.ClientPayloadError,
                TimeoutError,
            ) as error:
                status, text = 503, repr(error)
            if status < 300:
                self.accepted.add(number)
                self.tally.counts["tracking_events"] += 1
                return
            if status not in (409, 429, 502, 503, 504) or time.monotonic() > give_up_s:
                self.tally.fail(f"tracking event of {number}: {status} {text}")
                return
            await asyncio.sleep(_AGAIN_S)

"""The shop's webhook receiver: verifies every signature, and is sometimes not there at first."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from sim.chance import fraction
from sim.tally import Tally

HANDED_OVER = "order.handed_over"
PACKED = "order.packed"
CARRIER_ACCEPTED = "order.carrier_accepted"
_BODY_BYTES_MAX = 4 * 1024 * 1024


@dataclass(slots=True)
class Receiver:
    """Takes webhooks; `orders` holds for each event type the external numbers it came for.

    `away` is the share of messages whose first delivery is answered with 503.
    """

    seed: int
    away: float
    tally: Tally
    secret: str = ""
    orders: dict[str, set[str]] = field(default_factory=dict)
    waybill_at_s: dict[str, float] = field(default_factory=dict)
    tracking_numbers: dict[str, list[str]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _tries: Counter[str] = field(default_factory=Counter)
    _numbers: dict[str, int] = field(default_factory=dict)

    def application(self) -> web.Application:
        """Give the web application that takes the webhooks at /hooks."""
        application = web.Application(client_max_size=_BODY_BYTES_MAX)
        application.router.add_post("/hooks", self._take)
        return application

    def came_for(self, event_type: str) -> set[str]:
        """Give the orders for which an event of this type came."""
        return self.orders.get(event_type, set())

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.text()
        message = request.headers.get("webhook-id", "")
        self.tally.counts["webhooks_received"] += 1
        self._tries[message] += 1
        if self._tries[message] == 1 and fraction(self.seed, "away", message) < self.away:
            self.tally.counts["webhooks_turned_away"] += 1
            return web.Response(status=503)
        try:
            # The clock of the signature is the machine's own, as at any shop.
            event = Webhook(self.secret).verify(body, dict(request.headers))
        except WebhookVerificationError as error:
            self.tally.fail(f"webhook {message}: {error}")
            return web.Response(status=401)
        self.tally.counts["webhooks_verified"] += 1
        if message in self._seen:
            self.tally.counts["webhooks_repeated"] += 1
        else:
            self._seen.add(message)
            self._note(event)
        return web.Response(status=204)

    def _note(self, event: Any) -> None:
        kind, data = str(event["type"]), event["data"]
        self._follow(str(event.get("subject", "")), int(event.get("sequence", 0)))
        self.tally.webhooks[kind] += 1
        number = data.get("external_order_id")
        if number is None:
            return
        self.orders.setdefault(kind, set()).add(number)
        if kind == "order.waybill_ready":
            self.waybill_at_s.setdefault(number, time.monotonic())
        if kind == HANDED_OVER:
            self.tracking_numbers[number] = list(data.get("tracking_numbers") or ())

    def _follow(self, subject: str, number: int) -> None:
        """Fails where an event of a subject did not come in its turn."""
        expected = self._numbers.get(subject, number - 1) + 1
        if number != expected:
            self.tally.fail(f"event {number} of {subject} came where {expected} was due")
        self._numbers[subject] = number

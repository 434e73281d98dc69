"""The shop: posts its invoices, pays what was accepted, and now and then sends something twice.

A request that is sent again carries the same key and must bring the same answer, marked as
replayed, but for a body that cannot be read: that is refused anew. Which ones are sent again
depends on the order's number alone.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp

from sim.chance import fraction
from sim.scenario.order import CURRENCY, Posting, body_total_minor
from sim.tally import Tally

_SENT_TWICE = 0.03
_AT_ONCE = 4
_PATIENCE_S = 60.0
_AGAIN_S = 0.2


@dataclass(slots=True)
class Answer:
    """What the service answered to one request."""

    status: int
    body: Any
    replayed: bool


@dataclass(slots=True)
class Shop:
    """One shop with one key; `accepted` and `numbers` map its numbers to the house's and back."""

    session: aiohttp.ClientSession
    api_url: str
    key: str
    seed: int
    clock: Callable[[], datetime]
    tally: Tally
    accepted: dict[str, int] = field(default_factory=dict)
    paid_at_s: dict[str, float] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    done: bool = False

    async def subscribe(self, url: str) -> str:
        """Ask for every webhook, and give the secret that signs them.

        Raises: ValueError when the service refuses.
        """
        body = {"url": url, "types": ["*"]}
        answer = await self._post("/v1/webhook-endpoints", body, f"hooks-{url}")
        if answer.status != 201:
            raise ValueError(f"no webhook endpoint: {answer.status} {answer.body}")
        return str(answer.body["secret"])

    async def trade(self, postings: Sequence[Posting]) -> None:
        """Post everything, four invoices at a time, each in its own order."""
        queue: asyncio.Queue[list[Posting]] = asyncio.Queue()
        for group in _by_invoice(postings):
            queue.put_nowait(group)
        async with asyncio.TaskGroup() as clerks:
            for _ in range(_AT_ONCE):
                clerks.create_task(self._clerk(queue))
        self.done = True

    async def _clerk(self, queue: "asyncio.Queue[list[Posting]]") -> None:
        while not queue.empty():
            for posting in queue.get_nowait():
                await self._order(posting)

    async def _order(self, posting: Posting) -> None:
        number = str(posting.body["external_order_id"])
        form = "order" if posting.clean else "raw"
        self.tally.counts["orders_posted"] += 1
        self.tally.counts["lines_in"] += len(_lines(posting))
        answer = await self._send("/v1/orders", posting.body, f"{form}-{number}")
        if answer.status not in (200, 201):
            self._note_refusal(posting, number, answer)
            return
        if not posting.clean:
            self.tally.fail(f"{number} is no order ({posting.why}) and was accepted")
        self.tally.counts["accepted"] += 1
        self.tally.counts["lines_accepted"] += len(_lines(posting))
        self.accepted[number] = int(answer.body["id"])
        self.numbers[str(answer.body["id"])] = number
        await self._pay(number, body_total_minor(posting.body))

    def _note_refusal(self, posting: Posting, number: str, answer: Answer) -> None:
        code = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
        self.tally.counts["refused"] += 1
        self.tally.refused[code or str(answer.status)] += 1
        if posting.clean:
            self.tally.fail(f"{number} is an order and was refused: {answer.status} {answer.body}")
        elif not code:
            self.tally.fail(f"{number} was refused without a code: {answer.body}")

    async def _pay(self, number: str, amount_minor: int) -> None:
        body = {
            "state": "paid",
            "amount": {"amount_minor": amount_minor, "currency": CURRENCY},
            "reference": f"PAY-{number}",
            "at": self.clock().isoformat(),
        }
        path = f"/v1/orders/{self.accepted[number]}/payments"
        self.paid_at_s[number] = time.monotonic()
        answer = await self._send(path, body, f"payment-{number}")
        if answer.status == 200:
            self.tally.counts["paid"] += 1
        else:
            self.tally.fail(f"payment of {number}: {answer.status} {answer.body}")

    async def _send(self, path: str, body: dict[str, Any], key: str) -> Answer:
        answer = await self._post(path, body, key)
        if fraction(self.seed, "sent twice", key) < _SENT_TWICE:
            self.tally.counts["sent_twice"] += 1
            again = await self._post(path, body, key)
            same = (again.status, _said(again)) == (answer.status, _said(answer))
            # What is no order at all is refused before anybody remembers anything.
            if not same or not (again.replayed or _code(answer) == "invalid_body"):
                self.tally.fail(f"{key} was answered {answer}, and the repeat {again}")
        return answer

    async def _post(self, path: str, body: dict[str, Any], key: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        give_up_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                before_s = time.monotonic()
                async with self.session.post(
                    self.api_url + path, json=body, headers=headers
                ) as answer:
                    content = await answer.json(content_type=None)
                    replayed = answer.headers.get("Idempotent-Replayed", "") == "true"
                    got = Answer(answer.status, content, replayed)
                    self.tally.shop_waits_s.append(time.monotonic() - before_s)
            except (
                aiohttp.ClientConnectionError,
                aiohttp.ClientPayloadError,
                TimeoutError,
            ) as error:
                got = Answer(503, repr(error), False)
            in_flight = got.status == 409 and _code(got) == "in_flight"
            if not in_flight and got.status not in (429, 502, 503, 504):
                return got
            self.tally.counts["shop_sent_again"] += 1
            if time.monotonic() > give_up_s:
                return got
            await asyncio.sleep(_AGAIN_S)


def _said(answer: Answer) -> Any:
    """What an answer says, but for the number of its request, which is another each time."""
    if not isinstance(answer.body, dict):
        return answer.body
    return {name: told for name, told in answer.body.items() if name != "request_id"}


def _code(answer: Answer) -> str:
    return str(answer.body.get("code", "")) if isinstance(answer.body, dict) else ""


def _lines(posting: Posting) -> Sequence[object]:
    lines = posting.body["lines"]
    assert isinstance(lines, list)
    return lines


def _by_invoice(postings: Sequence[Posting]) -> Iterator[list[Posting]]:
    """Give the postings in their order; those of one invoice stay together."""
    group: list[Posting] = []
    for posting in postings:
        if group and group[-1].body["external_order_id"] != posting.body["external_order_id"]:
            yield group
            group = []
        group.append(posting)
    if group:
        yield group

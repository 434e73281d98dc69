"""Buyers in a process of their own: orders over HTTP, one a request, on connections kept open.

Reads what to do as one JSON object from standard input, and writes what came of it to standard
output: how long it all took, and of each order its answer's status and time.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

PRICE = {"amount_minor": 255, "currency": "GBP"}
ADDRESS = {
    "name": "Ada Merton",
    "lines": ["12 Mill Lane"],
    "postal_code": "LU1 2AB",
    "city": "Luton",
    "country": "GB",
    "latitude": 51.9,
    "longitude": -0.4,
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many orders of so many lines, from clients that each wait for an answer before the next.

    A line is one piece of one of the SKUs, drawn by the seed, no SKU twice in an order. `name`
    keeps the numbers of these orders apart from another crowd's.
    """

    host: str
    port: int
    key: str
    name: str
    clients: int
    orders: int
    lines: int
    skus: list[str]
    seed: int


@dataclass(frozen=True, slots=True)
class Bought:
    """What came of it: the wall time in s, and of each order (status, latency in s)."""

    wall_s: float
    answers: list[tuple[int, float]]

    def count(self, status: int) -> int:
        """How many orders were answered so."""
        return sum(1 for answered, _ in self.answers if answered == status)

    def latency_ms(self, share: float) -> float:
        """The latency in ms that this share of the orders did not pass."""
        latencies = sorted(latency_s for _, latency_s in self.answers)
        return 1_000 * latencies[min(len(latencies) - 1, int(share * len(latencies)))]


async def send(crowd: Crowd) -> Bought:
    """Sends all orders of a crowd."""
    requests = _requests(crowd)
    answers: list[tuple[int, float]] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection(crowd.host, crowd.port)
        for request in requests:
            sent_s = time.perf_counter()
            writer.write(request)
            status = await _status(reader)
            answers.append((status, time.perf_counter() - sent_s))
        writer.close()
        await writer.wait_closed()

    began_s = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(crowd.clients)))
    return Bought(time.perf_counter() - began_s, answers)


def _requests(crowd: Crowd) -> Iterator[bytes]:
    rng = random.Random(crowd.seed)
    for number in range(crowd.orders):
        chosen = rng.sample(crowd.skus, crowd.lines)
        body = {
            "external_order_id": f"{crowd.name}-{number}",
            "placed_at": "2010-12-01T08:26:00+00:00",
            "currency": "GBP",
            "customer": {"name": "Ada Merton", "reference": "17850"},
            "ship_to": ADDRESS,
            "lines": [{"sku": sku, "quantity": 1, "unit_price": PRICE} for sku in chosen],
        }
        content = json.dumps(body).encode()
        head = (
            f"POST /v1/orders HTTP/1.1\r\nHost: {crowd.host}\r\n"
            f"Authorization: Bearer {crowd.key}\r\nIdempotency-Key: {crowd.name}-{number}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        yield head.encode() + content


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next(line for line in lines if line.startswith("content-length:"))
    await reader.readexactly(int(length.partition(":")[2]))
    return int(lines[0].split()[1])


def main() -> None:
    """One crowd in, what it bought out."""
    data: dict[str, Any] = json.load(sys.stdin)
    bought = asyncio.run(send(Crowd(**data)))
    json.dump(asdict(bought), sys.stdout)


if __name__ == "__main__":
    main()

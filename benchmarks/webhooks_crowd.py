"""Events in a process of their own, at a steady rate, each in its own transaction.

Reads what to do as one JSON object from standard input; writes the seconds it took.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from wms.database.pool import open_pool, shop_transaction
from wms.outbox import commands as outbox


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many events of a tenant at so many a second; 0: as fast as they can be written.

    An object has `events_each` events, one after the other.
    """

    url: str
    tenant_id: int
    name: str
    events: int
    per_s: float
    events_each: int


async def tell(crowd: Crowd) -> float:
    """Writes all events; how long it took, in s."""
    async with await open_pool(crowd.url, application="crowd", size_max=8) as pool:
        began_s = time.perf_counter()
        numbers = iter(range(crowd.events // crowd.events_each))
        await asyncio.gather(*(_teller(crowd, pool, numbers, began_s) for _ in range(8)))
        return time.perf_counter() - began_s


async def _teller(crowd: Crowd, pool: asyncpg.Pool, numbers: Iterator[int], began_s: float) -> None:
    for number in numbers:
        for step in range(crowd.events_each):
            if crowd.per_s:
                due_s = (number * crowd.events_each + step) / crowd.per_s
                await asyncio.sleep(max(0.0, due_s - (time.perf_counter() - began_s)))
            async with shop_transaction(pool, crowd.tenant_id) as connection:
                await outbox.emit(
                    connection,
                    crowd.tenant_id,
                    crowd.name,
                    f"{crowd.name}/{number}",
                    None,
                    {"order_id": number, "external_order_id": f"{crowd.name}-{number}"},
                    "bench",
                    datetime.now(UTC),
                )


def main() -> None:
    """One crowd in, the seconds out."""
    data: dict[str, Any] = json.load(sys.stdin)
    json.dump(asyncio.run(tell(Crowd(**data))), sys.stdout)


if __name__ == "__main__":
    main()

"""How many requests a key may send: one bucket for all workers, which take from it in handfuls."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.tenants import key_commands as keys
from wms.tenants.shop import Limit

# A worker fetches what lasts a twentieth of a second at full rate: few round trips, and all that
# idle workers may hold back is that much each.
HANDFULS_PER_S = 20
PURSES_MAX = 10_000
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Left:
    """What a key has left; `wait_s` is 0 where this request was let through."""

    limit: Limit
    requests: int
    wait_s: float


@dataclass(slots=True)
class _Purse:
    """What this worker holds for a key, and what was in the bucket when it last looked."""

    tokens: int = 0
    behind: float = 0.0
    empty_until: datetime = LONG_AGO
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_bare(self, now: datetime) -> bool:
        """Whether the bucket has to be asked."""
        return self.tokens < 1 and now >= self.empty_until


@dataclass(slots=True)
class Limiter:
    """One worker's hand in the buckets; the buckets themselves are in the database."""

    _purses: dict[int, _Purse] = field(default_factory=dict)

    async def take(self, pool: asyncpg.Pool, key_id: int, limit: Limit, now: datetime) -> Left:
        """Takes one request's token, from what is at hand or with a new handful."""
        purse = self._purses.get(key_id)
        if purse is None:
            if len(self._purses) >= PURSES_MAX:
                self._purses.clear()
            purse = self._purses[key_id] = _Purse()
        if purse.is_bare(now):
            async with purse.turn:
                # Whoever waited here finds what the one before it fetched.
                if purse.is_bare(now):
                    await _fetch(pool, key_id, purse, limit, now)
        if purse.tokens:
            purse.tokens -= 1
            return Left(limit, purse.tokens + int(purse.behind), 0.0)
        return Left(limit, 0, max((purse.empty_until - now).total_seconds(), 0.001))


async def _fetch(
    pool: asyncpg.Pool, key_id: int, purse: _Purse, limit: Limit, now: datetime
) -> None:
    wanted = max(1, min(int(limit.per_s / HANDFULS_PER_S), limit.burst // 4))
    async with staff_transaction(pool) as connection:
        row = await keys.take_tokens(connection, key_id, limit.per_s, limit.burst, wanted, now)
    purse.tokens, purse.behind = row["granted"], row["tokens"]
    if not purse.tokens:
        # Until then nobody asks the database again, however many knock.
        purse.empty_until = now + timedelta(seconds=(1 - row["tokens"]) / limit.per_s)

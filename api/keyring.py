"""Shops by their keys, remembered for a moment, so that not every request asks the database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.tenants import queries as tenants
from wms.tenants.shop import Shop, digest

# A revoked key may go on opening doors for as long as this, and no longer.
TRUSTED = timedelta(seconds=2)
KEYS_MAX = 10_000


@dataclass(slots=True)
class Keyring:
    """What one worker remembers; only keys that were good are kept, and only as hashes."""

    _known: dict[bytes, tuple[Shop, datetime]] = field(default_factory=dict)

    async def shop_of(self, pool: asyncpg.Pool, key: str, now: datetime) -> Shop | None:
        """The shop that a key belongs to, as it was within the last two seconds, or None."""
        hashed = digest(key)
        known = self._known.get(hashed)
        if known is not None and timedelta() <= now - known[1] < TRUSTED:
            return known[0]
        async with staff_transaction(pool) as connection:
            shop = await tenants.shop_of_key(connection, key)
        self._known.pop(hashed, None)
        if shop is not None:
            if len(self._known) >= KEYS_MAX:
                self._known.clear()
            self._known[hashed] = (shop, now)
        return shop

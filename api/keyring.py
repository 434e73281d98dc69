"""Shops by their keys, remembered for a moment, so that not every request asks the database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from wms.database.pool import staff_transaction
from wms.tenants import key_commands as keys
from wms.tenants import queries as tenants
from wms.tenants.shop import Shop, digest

# A revoked key may go on opening doors for as long as this, and no longer.
TRUSTED = timedelta(seconds=2)
# When a key was last used is kept to the hour.
NOTED = timedelta(hours=1)
KEYS_MAX = 10_000


@dataclass(slots=True)
class Keyring:
    """What one worker remembers; only keys that were good are kept, and only as hashes."""

    _known: dict[bytes, tuple[Shop, datetime]] = field(default_factory=dict)
    _noted: dict[int, datetime] = field(default_factory=dict)

    async def shop_of(self, pool: asyncpg.Pool, key: str, now: datetime) -> Shop | None:
        """The shop that a key belongs to, as it was within the last two seconds, or None."""
        hashed = digest(key)
        known = self._known.get(hashed)
        if known is not None and timedelta() <= now - known[1] < TRUSTED:
            return known[0]
        async with staff_transaction(pool) as connection:
            shop = await tenants.shop_of_key(connection, key)
            if shop is not None and self._is_worth_noting(shop.key_id, now):
                await keys.note_use(connection, shop.key_id, now)
        self._known.pop(hashed, None)
        if shop is not None:
            if len(self._known) >= KEYS_MAX:
                self._known.clear()
                self._noted.clear()
            self._known[hashed] = (shop, now)
        return shop

    def _is_worth_noting(self, key_id: int, now: datetime) -> bool:
        before = self._noted.get(key_id)
        if before is not None and now - before < NOTED:
            return False
        self._noted[key_id] = now
        return True

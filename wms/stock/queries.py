"""Stock as others read it, and the check of the ledger against the balances."""

import asyncpg

from wms.stock import store
from wms.stock.ledger import Difference

free_bins = store.free_bins
contents_of_units = store.contents_of_units
levels_after = store.levels_after
ledger_size = store.ledger_size


async def check_ledger(connection: asyncpg.Connection) -> list[Difference]:
    """Every row in which the books differ from what the ledger adds up to; empty is right."""
    rows = await store.differences(connection)
    return [Difference(row["kind"], row["place"], row["books"], row["ledger"]) for row in rows]

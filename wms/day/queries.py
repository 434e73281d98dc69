"""A day's summary, and the books as they are compared with what is really there."""

import asyncpg

from wms.day import store
from wms.day.summary import Books, DaySummary, Held, Latency

states = store.states
purpose = store.purpose


async def day_summary(connection: asyncpg.Connection) -> DaySummary:
    """What all orders in the books came to."""
    row = await store.summary(connection)
    wait = await store.waybill_latency(connection)
    sorter = await store.sorted_totes(connection)
    return DaySummary(
        orders_accepted=row["orders_accepted"],
        orders_shipped=row["orders_shipped"],
        orders_held=tuple(
            Held(held["external_order_id"], tuple(held["reasons"]))
            for held in await store.held(connection)
        ),
        lines=row["lines"],
        units_picked=row["units_picked"],
        pick_distance_mm=row["pick_distance_mm"],
        baseline_distance_mm=row["baseline_distance_mm"],
        diverts=sorter["diverts"],
        missorts=sorter["missorts"],
        parcels=row["parcels"],
        labels_printed=row["labels_printed"],
        paid_to_waybill_ms=(
            None if wait["p50"] is None else Latency(wait["p50"], wait["p99"], wait["max"])
        ),
        oversold_units=row["oversold_units"],
        webhooks_delivered=row["webhooks_delivered"],
        webhooks_waiting=row["messages_waiting"],
        human_touches=row["human_touches"],
        routes_waiting=row["routes_waiting"],
    )


async def books(connection: asyncpg.Connection) -> Books:
    """Where the books say that units are."""
    bins: dict[str, dict[str, int]] = {}
    for row in await store.bin_contents(connection):
        bins.setdefault(row["code"], {})[row["sku"]] = row["quantity"]
    parcels: dict[str, dict[str, int]] = {}
    for row in await store.parcel_contents(connection):
        parcels.setdefault(row["sscc"], {})[row["sku"]] = row["quantity"]
    return Books(bins, parcels)

"""Promises: accepted orders' claims on availability, first come first served."""

from datetime import datetime

import asyncpg

from wms.promise import (
    policy_store,
    promotion_store,
    queue_store,
    sale_store,
    store,
    supply_store,
)
from wms.promise.claim import Backordered, Claim, Short
from wms.promise.policy import Policy
from wms.promise.supply import FreedBackorder, Redated, SupplyChange


async def claim(
    connection: asyncpg.Connection,
    warehouse_id: int,
    item_ids: list[int],
    quantities: list[int],
    channel: str = "",
    backorder: bool = False,
) -> Claim:
    """Claims availability for all lines or for none; the database keeps it from being oversold.

    An item is claimed of the stock, or else, with `backorder`, of what is on its way.
    """
    return claim_from(
        await store.claim(connection, warehouse_id, channel, item_ids, quantities, backorder)
    )


def claim_from(row: asyncpg.Record) -> Claim:
    """What a claim in the database came to."""
    return Claim(
        row["o_admission"],
        tuple(Short(**short) for short in row["o_short"] or ()),
        backordered_from(row["o_backordered"]),
    )


def backordered_from(rows: list[dict[str, object]] | None) -> tuple[Backordered, ...]:
    """What a claim in the database says that it took of goods on their way."""
    return tuple(
        Backordered(
            int(str(row["item_id"])),
            int(str(row["quantity"])),
            datetime.fromisoformat(str(row["expected_at"])),
        )
        for row in rows or ()
    )


async def write_promises(
    connection: asyncpg.Connection,
    fulfilment_order_id: int,
    claim: Claim,
    expires_at: datetime | None,
) -> None:
    """Writes the promises of a fulfilment order whose lines were claimed in its warehouse.

    Without an expiry they are firm. Channel and rank are the order's own.
    """
    await store.write_promises(connection, fulfilment_order_id, claim, expires_at)


async def grow_promises(
    connection: asyncpg.Connection,
    claim: Claim,
    fulfilment_line_ids: list[int],
    quantities: list[int],
    expires_at: datetime | None,
) -> None:
    """Writes what lines have claimed more of, which was granted; without an expiry it is firm."""
    await store.add_promises(
        connection, claim.admission, fulfilment_line_ids, quantities, claim.backordered, expires_at
    )


async def claim_missing(
    connection: asyncpg.Connection, fulfilment_order_id: int, *, backorder: bool = False
) -> Claim | None:
    """Claims firmly what a paid fulfilment order is promised no more; None where all is."""
    lines = await store.missing_lines(connection, fulfilment_order_id)
    if not lines:
        return None
    again = await claim(
        connection,
        lines[0]["warehouse_id"],
        [line["item_id"] for line in lines],
        [line["quantity"] for line in lines],
        lines[0]["channel"],
        backorder,
    )
    if again.granted:
        await _renew(connection, again.admission, lines, again.backordered)
    return again


async def wait_for_missing(
    connection: asyncpg.Connection, fulfilment_order_id: int
) -> tuple[Backordered, ...]:
    """Claims what a paid fulfilment order has lost of goods on their way: all of it or nothing."""
    lines = await store.missing_lines(connection, fulfilment_order_id)
    if not lines:
        return ()
    rows = await store.claim_coming(
        connection,
        lines[0]["warehouse_id"],
        [line["item_id"] for line in lines],
        [line["quantity"] for line in lines],
    )
    waiting = backordered_from(rows)
    if waiting:
        admission = await store.next_admission(connection)
        await _renew(connection, admission, lines, waiting)
    return waiting


async def _renew(
    connection: asyncpg.Connection,
    admission: int,
    lines: list[asyncpg.Record],
    backordered: tuple[Backordered, ...],
) -> None:
    """Writes firmly what was claimed again of lines."""
    numbers = [line["fulfilment_line_id"] for line in lines]
    quantities = [line["quantity"] for line in lines]
    await store.add_promises(connection, admission, numbers, quantities, backordered, None)


async def expect_supply(
    connection: asyncpg.Connection,
    tenant_id: int,
    owner_id: int,
    item_id: int,
    warehouse_id: int,
    source: str,
    expected_at: datetime,
    quantity: int,
) -> SupplyChange:
    """Sets how much of an item a source will still bring, and when; 0 takes the source away.

    Where less will come than is claimed, what lies in the house already serves the claims, safety
    stock and channels' stock included; the claims of latest rank beyond that are freed. Journeys
    call `announce_supply` of wms.journey.claim.supply, which tells the orders too.
    """
    assert quantity >= 0, "a source brings nothing back"
    availability = await supply_store.availability_made(
        connection, tenant_id, owner_id, item_id, warehouse_id
    )
    key: int = availability["id"]
    change = await supply_store.set_supply(
        connection, tenant_id, key, source, expected_at, quantity
    )
    inbound = availability["inbound"] + change
    served: list[int] = []
    freed: list[asyncpg.Record] = []
    if availability["backordered"] > inbound:
        served = await supply_store.supply_backorders(
            connection, key, availability["backordered"] - inbound
        )
        backordered = await supply_store.backordered_of(connection, key)
        if backordered > inbound:
            freed = await supply_store.free_backorders(connection, key, backordered - inbound)
    await supply_store.add_inbound(connection, key, change)
    redated = await supply_store.date_backorders(connection, key)
    return SupplyChange(
        tuple(served),
        tuple(FreedBackorder(**row) for row in freed),
        tuple(Redated(**row) for row in redated),
    )


async def supply_backorders(
    connection: asyncpg.Connection, item_ids: list[int], warehouse_id: int
) -> list[int]:
    """Makes waiting claims promises on stock, by rank, as far as free stock reaches.

    Answers the orders that got some; `served_fulfilments` says which of them have everything.
    """
    served: set[int] = set()
    for key in await supply_store.waiting_availability(connection, item_ids, warehouse_id):
        served.update(await supply_store.supply_backorders(connection, key, 0))
    return sorted(served)


async def set_policy(
    connection: asyncpg.Connection,
    tenant_id: int,
    owner_id: int,
    item_id: int,
    warehouse_id: int,
    policy: Policy,
) -> None:
    """Holds back safety stock and keeps stock for channels; what is promised stays promised.

    A policy that holds back more than there is only keeps more from being promised.
    """
    availability = await supply_store.availability_made(
        connection, tenant_id, owner_id, item_id, warehouse_id
    )
    await policy_store.set_allocations(connection, availability["id"], policy.allocations)
    await policy_store.set_held_back(
        connection, availability["id"], policy.held_back, bool(policy.allocations)
    )


async def note_refusal(
    connection: asyncpg.Connection,
    tenant_id: int,
    external_order_id: str,
    claim: Claim,
    channel: str = "",
) -> None:
    """Keeps demand that was refused: forecasts need it and nothing else can bring it back."""
    await store.insert_refused_demand(
        connection,
        tenant_id,
        external_order_id,
        channel,
        claim.admission,
        [{"item_id": s.item_id, "wanted": s.wanted, "available": s.available} for s in claim.short],
    )


lock_sales = sale_store.lock_sales
put_sale = sale_store.put_sale
admit_order = queue_store.admit_order
over_limit = queue_store.over_limit
note_admitted = queue_store.note_admitted
join_queue = queue_store.join_queue
admit_waiting = queue_store.admit_waiting
end_sale = sale_store.end_sale
forget_tickets = queue_store.forget_tickets
forget_old_tickets = queue_store.forget_old_tickets
put_promotion = promotion_store.put_promotion
promotion_for_update = promotion_store.promotion_for_update
end_promotion = promotion_store.end_promotion
drop_promotion = promotion_store.drop_promotion
make_firm = store.make_firm
next_admission = store.next_admission
free_order = store.free_order
free_fulfilment = store.free_fulfilment
keep = store.keep
free_youngest = store.free_youngest
availability_for_update = store.availability_for_update

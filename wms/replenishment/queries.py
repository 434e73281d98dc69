"""Suppliers, purchase orders, forecasts and proposals as others read them."""

import asyncpg

from wms.error import NotFound
from wms.replenishment import (
    demand_store,
    offer_store,
    policy_store,
    proposal_store,
    store,
    transfer_store,
)
from wms.replenishment.purchase import canonical_code

suppliers_after = store.suppliers_after
supplier_items = store.supplier_items
purchases_after = store.purchases_after
lines_of_purchase = store.lines_of_purchase
purchase_of_id = store.purchase_of_id
kept_items = demand_store.kept_items
was_ordered = demand_store.was_ordered
ordered = demand_store.ordered
awaited = demand_store.awaited
refused = demand_store.refused
unsellable = demand_store.unsellable
promotions = demand_store.promotions
offers = offer_store.offers
lines_by_day = demand_store.lines_by_day
work_of = demand_store.work_of
nightly_asked = proposal_store.nightly_asked
run_waits = proposal_store.run_waits
run_of_id = proposal_store.find_run
last_run = proposal_store.last_run
proposal_of_id = proposal_store.find_proposal
proposals_after = proposal_store.proposals_after
urgent_proposals = proposal_store.urgent_proposals
open_counts = proposal_store.open_counts
forecast_of = policy_store.forecast_of
crossed = policy_store.crossed
below = policy_store.below
service_loops = policy_store.service_loops
capacity_days = policy_store.capacity_days
transfer_of_id = transfer_store.find_transfer
transfers_after = transfer_store.transfers_after
lines_of_transfer = transfer_store.lines_of_transfer
open_transfer = transfer_store.open_transfer


async def supplier_of_code(
    connection: asyncpg.Connection, owner_id: int, code: str
) -> asyncpg.Record | None:
    """An owner's supplier of that code, in any case, or None."""
    return await store.supplier_of_code(connection, owner_id, canonical_code(code))


async def the_supplier(connection: asyncpg.Connection, owner_id: int, code: str) -> asyncpg.Record:
    """An owner's supplier of that code, in any case.

    Raises:
        NotFound: `unknown_supplier`.
    """
    row = await supplier_of_code(connection, owner_id, code)
    if row is None:
        raise NotFound("unknown_supplier", f"There is no supplier {code!r}.")
    return row

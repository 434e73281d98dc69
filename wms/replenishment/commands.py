"""What changes suppliers, purchase orders, proposals and transfers."""

from datetime import datetime

import asyncpg

from wms.error import NotFound
from wms.replenishment import policy_store, proposal_store, store, transfer, transfer_store
from wms.replenishment.purchase import Event, State, after

enter_supplier = store.upsert_supplier
enter_supplier_item = store.upsert_supplier_item
enter_purchase = store.insert_purchase
set_expected = store.set_expected


async def purchase_for_update(
    connection: asyncpg.Connection, purchase_order_id: int
) -> asyncpg.Record:
    """The purchase order, locked until the transaction ends.

    Raises:
        NotFound: `unknown_purchase_order`.
    """
    row = await store.purchase_for_update(connection, purchase_order_id)
    if row is None:
        raise NotFound("unknown_purchase_order", f"There is no purchase order {purchase_order_id}.")
    return row


async def apply_purchase_event(
    connection: asyncpg.Connection, purchase_order_id: int, event: Event, now: datetime
) -> State:
    """Moves a purchase order on by its table of states.

    Raises:
        NotFound: `unknown_purchase_order`.
        Conflict: `wrong_state`.
    """
    row = await purchase_for_update(connection, purchase_order_id)
    state = after(State(row["state"]), event)
    await store.set_state(connection, purchase_order_id, state, now)
    return state


request_run = proposal_store.insert_run
end_run = proposal_store.end_run
save_forecasts = policy_store.save_forecasts
save_loops = policy_store.save_loops
save_levels = policy_store.save_levels
save_capacity = policy_store.save_capacity
set_service = policy_store.set_service
set_below = policy_store.set_below
supersede_open = proposal_store.supersede_open
add_proposals = proposal_store.insert_proposals
decide = proposal_store.set_decided
request_transfer = transfer_store.insert_transfer
add_to_transfer = transfer_store.add_line
expect_transfer = transfer_store.set_expected


async def run_for_update(connection: asyncpg.Connection, run_id: int) -> asyncpg.Record:
    """A run, locked until the transaction ends.

    Raises:
        NotFound: `unknown_run`.
    """
    row = await proposal_store.run_for_update(connection, run_id)
    if row is None:
        raise unknown_run(run_id)
    return row


def unknown_run(run_id: int) -> NotFound:
    """The refusal of a number that no run has."""
    return NotFound("unknown_run", f"There is no replenishment run {run_id}.")


async def proposal_for_update(connection: asyncpg.Connection, proposal_id: int) -> asyncpg.Record:
    """A proposal, locked until the transaction ends.

    Raises:
        NotFound: `unknown_proposal`.
    """
    row = await proposal_store.proposal_for_update(connection, proposal_id)
    if row is None:
        raise unknown_proposal(proposal_id)
    return row


def unknown_proposal(proposal_id: int) -> NotFound:
    """The refusal of a number that no proposal has."""
    return NotFound("unknown_proposal", f"There is no proposal {proposal_id}.")


async def transfer_for_update(connection: asyncpg.Connection, transfer_id: int) -> asyncpg.Record:
    """A transfer, locked until the transaction ends.

    Raises:
        NotFound: `unknown_transfer`.
    """
    row = await transfer_store.transfer_for_update(connection, transfer_id)
    if row is None:
        raise unknown_transfer(transfer_id)
    return row


def unknown_transfer(transfer_id: int) -> NotFound:
    """The refusal of a number that no transfer has."""
    return NotFound("unknown_transfer", f"There is no transfer {transfer_id}.")


async def apply_transfer_event(
    connection: asyncpg.Connection, transfer_id: int, event: transfer.Event, now: datetime
) -> transfer.State:
    """Moves a transfer on by its table of states.

    Raises:
        NotFound: `unknown_transfer`.
        Conflict: `wrong_state`.
    """
    row = await transfer_for_update(connection, transfer_id)
    state = transfer.after(transfer.State(row["state"]), event)
    await transfer_store.set_state(connection, transfer_id, state, now)
    return state

"""What changes suppliers and purchase orders."""

from datetime import datetime

import asyncpg

from wms.error import NotFound
from wms.replenishment import store
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

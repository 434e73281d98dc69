"""Suppliers and purchase orders as others read them."""

import asyncpg

from wms.error import NotFound
from wms.replenishment import store
from wms.replenishment.purchase import canonical_code

suppliers_after = store.suppliers_after
supplier_items = store.supplier_items
purchases_after = store.purchases_after
lines_of_purchase = store.lines_of_purchase
purchase_of_id = store.purchase_of_id


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

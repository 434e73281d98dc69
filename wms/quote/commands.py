"""What changes delivery options and quotes."""

from dataclasses import asdict

import asyncpg

from wms.bins import queries as bins
from wms.error import NotFound
from wms.quote import store
from wms.quote.option import DeliveryOption


async def enter_option(
    connection: asyncpg.Connection, option: DeliveryOption, warehouse_code: str | None = None
) -> str:
    """Enters a delivery option of a warehouse, by default of the first, or changes it.

    Answers the code of the warehouse.

    Raises:
        NotFound: `unknown_warehouse`, `unknown_carrier`.
    """
    warehouse = await bins.the_warehouse(connection, warehouse_code)
    carrier_id = None
    if option.carrier is not None:
        carrier_id = await store.carrier_of_code(connection, option.carrier)
        if carrier_id is None:
            raise NotFound("unknown_carrier", f"The house works with no carrier {option.carrier}.")
    row = asdict(option) | {
        "kind": option.kind.value,
        "countries": list(option.countries),
        "postal_prefixes": list(option.postal_prefixes),
        "pickup_days": sorted(option.pickup_days),
        "delivery_days": sorted(option.delivery_days),
        "cut_off": option.cut_off.isoformat(),
        "pickup_time": option.pickup_time.isoformat(),
    }
    await store.upsert_option(connection, warehouse["id"], carrier_id, row)
    code: str = warehouse["code"]
    return code


add_quote = store.insert_quote
keep_answer = store.keep_answer
drop_quotes = store.drop_quotes

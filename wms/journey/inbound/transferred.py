"""What a shipment from another warehouse of the house has of its own."""

from datetime import datetime

import asyncpg

from wms.bins import queries as bins
from wms.error import Conflict
from wms.receiving import queries as inbounds
from wms.receiving.inbound import Kind, label_of
from wms.replenishment import commands as replenishment
from wms.replenishment.transfer import Event
from wms.stock import commands as stock
from wms.stock.ledger import Goods, Line

LOST = "transfer_loss"


def outside_of(shipment: asyncpg.Record) -> str:
    """The kind of the virtual place that a shipment's goods come from."""
    if shipment["transfer_id"] is not None:
        return "transit"
    return "customer" if shipment["kind"] == Kind.RETURN else "supplier"


def refuse_sent(shipment: asyncpg.Record) -> None:
    """Refuses to take back an announcement of goods that are on the road.

    Raises:
        Conflict: `wrong_state`.
    """
    if shipment["transfer_id"] is not None:
        raise Conflict("wrong_state", "These goods have left another warehouse; they will come.")


async def end_transfer(
    connection: asyncpg.Connection, shipment: asyncpg.Record, actor: str, now: datetime
) -> None:
    """Ends the transfer behind a shipment that is closed, if any; what did not come is lost."""
    if shipment["transfer_id"] is None:
        return
    missing = {
        line["item_id"]: line["expected"] - line["received"]
        for line in await inbounds.lines_of(connection, shipment["id"])
        if line["expected"] > line["received"]
    }
    event = Event.CLOSE if missing else Event.RECEIVE
    await replenishment.apply_transfer_event(connection, shipment["transfer_id"], event, now)
    if not missing:
        return
    transit, loss = [
        (await bins.place_of_kind(connection, shipment["warehouse_id"], kind))["id"]
        for kind in ("transit", "loss")
    ]
    await stock.post(
        connection,
        shipment["tenant_id"],
        LOST,
        [
            Line(Goods(shipment["owner_id"], item_id), quantity, transit, loss)
            for item_id, quantity in missing.items()
        ],
        command_id=f"transfer {shipment['transfer_id']} lost",
        actor=actor,
        reason=label_of(shipment["id"]),
        now=now,
    )

"""With what a message of another shop system is carried out, and what is known of its order."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from wms.address.link import LOCAL, LinkRule
from wms.database.pool import keyset_of, staff_transaction
from wms.database.seal import blind_index
from wms.journey.request import Request
from wms.journey.shop.connector import Connector
from wms.orders import connector_commands as connectors
from wms.orders import connector_queries as rows
from wms.orders.connector import Heard, Indexes
from wms.orders.order import NewOrder
from wms.orders.suspicion import SUSPICION, Suspicion
from wms.outbox.command import body_hash
from wms.tenants.shop import Shop

# They look these up after the order was placed; nobody has changed an address by that.
LOOKED_UP = ("latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say of orders that come in."""

    promise_lasts: timedelta
    links: LinkRule = LOCAL
    suspicion: Suspicion = SUSPICION


@dataclass(frozen=True, slots=True)
class Desk:
    """What one message is carried out with; `key` makes each step of this attempt repeatable."""

    pool: asyncpg.Pool
    connector: Connector
    heard: Heard
    rules: Rules
    key: str
    now: datetime

    def request(self, shop: Shop, step: str, *said: object, key: str | None = None) -> Request:
        """One step of it, for a shop or for its sandbox."""
        return Request(shop, key or f"{self.key}/{step}", "connector", body_hash([step, *said]))

    async def known(self) -> asyncpg.Record | None:
        """What is known of their order."""
        async with staff_transaction(self.pool) as connection:
            return await rows.their_order(connection, self.connector.number, self.heard.their_id)

    async def note(self, order_id: int | None) -> asyncpg.Record:
        """Writes down what is known of their order now; what is known of it then."""
        heard, connector = self.heard, self.connector
        cancelled_at = self.now if heard.cancelled is not None else None
        async with staff_transaction(self.pool) as connection:
            await connectors.put_their_order(
                connection,
                connector.shop.tenant_id,
                connector.number,
                heard.their_id,
                order_id,
                # A deletion names no moment: what they said before it is older.
                heard.updated_at or cancelled_at,
                indexes_of(connection, heard),
                cancelled_at,
            )
            known = await rows.their_order(connection, connector.number, heard.their_id)
        assert known is not None
        return known


def indexes_of(connection: asyncpg.Connection, heard: Heard) -> Indexes:
    """By which another message about the same order is compared with this one."""
    order = heard.order
    if not isinstance(order, NewOrder):
        return Indexes()
    goes_to = {name: said for name, said in order.ship_to.items() if name not in LOOKED_UP}
    gifts = [line.gift_message for line in order.lines if line.gift_message]
    words = [order.buyer_note, order.gift_message, gifts, order.service]

    def blind(what: str, said: object) -> bytes:
        return blind_index(keyset_of(connection), f"{what} {json.dumps(said, sort_keys=True)}")

    return Indexes(
        blind("address", goes_to),
        blind("contact", dict(order.customer)) if order.customer else None,
        body_hash([list(one) for one in heard.ordered]),
        blind("words", words),
    )

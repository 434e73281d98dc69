"""One edit at work: whose order it is, who makes it and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from wms.error import Refused
from wms.orders import queries as order_rows
from wms.orders.fulfilment import OVER, UNRELEASED, State
from wms.promise.claim import Claim

REASON = "edited"
# What nobody has begun with is changed as if it came in just now.
NOT_BEGUN = (*UNRELEASED, State.RELEASED)


class NotEnough(Exception):
    """Goods of an edit are not there: undoes all of it; the demand is noted."""

    def __init__(self, refusal: Refused, claim: Claim, channel: str) -> None:
        self.refusal = refusal
        self.claim = claim
        self.channel = channel


@dataclass(slots=True)
class Moved:
    """The fulfilment orders whose goods an edit changed, and of those the ones that got more."""

    touched: set[int] = field(default_factory=set)
    grown: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Desk:
    """One edit's order, who makes it and when; its fulfilment orders are locked."""

    connection: asyncpg.Connection
    order: asyncpg.Record
    ship_to: Mapping[str, object]
    actor: str
    now: datetime

    async def standing(self) -> list[asyncpg.Record]:
        """The fulfilment orders that ship yet, as they are now."""
        found = await order_rows.fulfilments_of_order(self.connection, self.order["id"])
        return [row for row in found if row["state"] not in OVER]

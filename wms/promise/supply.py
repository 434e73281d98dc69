"""Goods on their way, and what it means for claims when they come, shrink or move."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FreedBackorder:
    """A claim on goods that will not come: what it was for, and how much."""

    tenant_id: int
    order_id: int
    order_line_id: int
    fulfilment_order_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Redated:
    """A fulfilment order that waits, and when its goods are expected now."""

    tenant_id: int
    order_id: int
    fulfilment_order_id: int
    expected_at: datetime


@dataclass(frozen=True, slots=True)
class SupplyChange:
    """What a change of supply did: orders that got goods, claims freed, orders that wait anew."""

    served: tuple[int, ...] = ()
    freed: tuple[FreedBackorder, ...] = ()
    redated: tuple[Redated, ...] = ()

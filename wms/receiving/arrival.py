"""Goods as they come in: what each part of them becomes, for sale or not yet or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import asyncpg

from wms.receiving.inbound import Condition, sample_of

AVAILABLE = "available"
QUARANTINE = "quarantine"
DAMAGED = "damaged"
HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Goods of one item in smallest units, with all that they have to say of themselves."""

    item_id: int
    quantity: int
    lot: str
    serials: tuple[str, ...]
    expires_on: date | None
    condition: Condition
    expired: bool
    place_id: int
    unit_id: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an arrival that is booked as one: its status and, where it has one, its serial."""

    arrival: Arrival
    status: str
    quantity: int
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of an item with a shipment so far; good is neither damaged nor expired."""

    received: int = 0
    damaged: int = 0
    held: int = 0
    sampled: int = 0

    @property
    def good(self) -> int:
        """How much of it can be sold, now or after its inspection."""
        return self.received - self.damaged - self.held

    def plus(self, parts: list[Part]) -> "Tally":
        """The tally after these parts."""
        counted = dict.fromkeys((AVAILABLE, QUARANTINE, DAMAGED, HOLD), 0)
        for part in parts:
            counted[part.status] += part.quantity
        return replace(
            self,
            received=self.received + sum(counted.values()),
            damaged=self.damaged + counted[DAMAGED],
            held=self.held + counted[HOLD],
            sampled=self.sampled + counted[QUARANTINE],
        )

    def less(self, other: "Tally") -> tuple[int, int, int, int]:
        """How much more this is than another: received, damaged, held, sampled."""
        return (
            self.received - other.received,
            self.damaged - other.damaged,
            self.held - other.held,
            self.sampled - other.sampled,
        )


def tally_of(lines: Iterable[asyncpg.Record]) -> dict[int, Tally]:
    """What the lines of one receipt came to, by the shipment's line."""
    tallies: dict[int, Tally] = {}
    for line in lines:
        quantity, status = line["quantity"], line["status"]
        before = tallies.get(line["inbound_line_id"], Tally())
        tallies[line["inbound_line_id"]] = Tally(
            before.received + quantity,
            before.damaged + (quantity if status == DAMAGED else 0),
            before.held + (quantity if status == HOLD else 0),
            before.sampled + (quantity if status == QUARANTINE else 0),
        )
    return tallies


def parts_of(arrival: Arrival, before: Tally, quality_percent: int) -> list[Part]:
    """What an arrival becomes.

    Damaged goods are booked as damaged and expired ones on hold; of the rest the item's share is
    a sample in quarantine, and what is left is for sale.
    """
    if arrival.condition is Condition.DAMAGED:
        return _booked(arrival, [(DAMAGED, arrival.quantity)])
    if arrival.expired:
        return _booked(arrival, [(HOLD, arrival.quantity)])
    sampled = sample_of(arrival.quantity, quality_percent, before.good, before.sampled)
    return _booked(arrival, [(QUARANTINE, sampled), (AVAILABLE, arrival.quantity - sampled)])


def _booked(arrival: Arrival, shares: list[tuple[str, int]]) -> list[Part]:
    if not arrival.serials:
        return [Part(arrival, status, quantity) for status, quantity in shares if quantity]
    statuses = [status for status, quantity in shares for _ in range(quantity)]
    return [
        Part(arrival, status, 1, serial)
        for status, serial in zip(statuses, arrival.serials, strict=True)
    ]

"""Goods that a counter has before them: what is known of them, and what is still to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import asyncpg

from wms.items.tracking import TEXT_MAX
from wms.items.unit import QUANTITY_MAX
from wms.journey.floor.amount import amount_of, ask_of, unit_of
from wms.journey.floor.screen import Ask

Wanted = Literal["lot", "expiry", "serial", "quantity"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Goods just scanned; `factor` is how many smallest units one of them is."""

    tenant_id: int
    owner_id: int
    owner: str
    item_id: int
    sku: str
    name: str
    scale: int
    unit: str
    factor: int
    track_lot: bool
    track_serial: bool
    track_expiry: bool
    lot: str = ""
    serial: str = ""
    expires_on: str = ""
    lot_known: bool = False

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Finding":
        """What a scan means; goods with a finer unit are counted in that."""
        return cls(
            row["tenant_id"],
            row["owner_id"],
            row["owner"],
            row["id"],
            row["sku"],
            row["name"],
            row["scale"],
            row["unit"],
            row["factor"] if row["scale"] == 0 else 1,
            row["track_lot"] or row["track_expiry"],
            row["track_serial"],
            row["track_expiry"],
        )

    @property
    def wanted(self) -> Wanted:
        """What is to be asked next."""
        if self.track_lot and not self.lot:
            return "lot"
        if self.track_expiry and not (self.expires_on or self.lot_known):
            return "expiry"
        return "serial" if self.track_serial else "quantity"

    def answered(self, code: str) -> "Finding | None":
        """With the answer to what was asked, or None where it cannot be one."""
        if self.wanted == "expiry":
            day = _day(code)
            return None if day is None else replace(self, expires_on=day.isoformat())
        if not 0 < len(code) <= TEXT_MAX:
            return None
        if self.wanted == "lot":
            return replace(self, lot=code)
        return replace(self, serial=code)

    def in_known_lot(self, expires_on: date | None) -> "Finding":
        """A lot that the house has had before brings its last day with it."""
        return replace(
            self, lot_known=True, expires_on="" if expires_on is None else expires_on.isoformat()
        )

    def without_serial(self) -> "Finding":
        """The same goods, of which the next piece may be scanned."""
        return replace(self, serial="")

    def is_of(self, row: asyncpg.Record) -> bool:
        """Whether a line counted before is of these very goods."""
        return (row["item_id"], row["lot"], row["serial"]) == (self.item_id, self.lot, self.serial)

    def goods(self) -> dict[str, object]:
        """The balance that these goods are counted for."""
        return {
            "owner_id": self.owner_id,
            "item_id": self.item_id,
            "lot": self.lot,
            "serial": self.serial,
            "status": "available",
            "unit_id": 0,
            "expires_on": date.fromisoformat(self.expires_on) if self.expires_on else None,
        }


def finding_of(state: Mapping[str, object]) -> Finding | None:
    """The goods that a session remembers."""
    kept = state.get("finding")
    return Finding(**kept) if isinstance(kept, dict) else None


def how_many(finding: Finding, quantity: int | None) -> int | None:
    """What was counted in smallest units, or None where no number or none that can be."""
    if quantity is None or not 0 <= quantity * finding.factor <= QUANTITY_MAX:
        return None
    return quantity * finding.factor


def asked(finding: Finding) -> Ask:
    """The question of how many; whoever scanned a case counts cases."""
    if finding.factor > 1:
        return Ask(0, f"× {finding.factor} {unit_of(finding.unit)}")
    return ask_of(0, finding.unit, finding.scale)


def noted(row: asyncpg.Record) -> str:
    """What somebody counted, as they would say it."""
    if row["serial"]:
        return str(row["serial"])
    return amount_of(row["counted"], row["unit"], row["scale"])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

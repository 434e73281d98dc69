"""A label's row as the label that is drawn."""

from datetime import date
from typing import Any

import asyncpg

from devices.label import (
    BinLabel,
    ItemLabel,
    Label,
    PalletLabel,
    ParcelLabel,
    ToteLabel,
)
from devices.label.symbol import RESOLUTIONS

# Of a printer that says nothing, or nonsense, which keeps the gateway from serving it.
DPI = 203


def dots_of(config: dict[str, Any]) -> int:
    """The resolution that a printer's settings name, in dots an inch."""
    said = config.get("dpi", DPI)
    return said if isinstance(said, int) and said in RESOLUTIONS else DPI


def label_of(row: asyncpg.Record) -> Label:
    """Give what a label shows. Raises: ValueError, it cannot show what it would have to."""
    content: dict[str, Any] = row["content"]
    match row["format"]:
        case "bin":
            return BinLabel(content["code"], content.get("note", ""))
        case "tote":
            return ToteLabel(content["code"])
        case "item":
            return ItemLabel(
                content["name"],
                content["gtin"],
                content["sku"],
                content["lot"],
                _day(content["expiry"]),
            )
        case "pallet":
            return PalletLabel(
                content["sscc"],
                gtin=content.get("gtin", ""),
                count=content.get("count", 0),
                lot=content.get("lot", ""),
                expiry=_day(content.get("expiry")),
                name=content.get("name", ""),
                compact=True,
            )
    return _parcel(row)


def _parcel(row: asyncpg.Record) -> ParcelLabel:
    ship_to = row["ship_to"]
    names = ("district", "city", "region", "postal_code")
    town = " ".join(ship_to[name] for name in names if ship_to.get(name))
    neutral = row["neutral_sender"]
    return ParcelLabel(
        recipient=(ship_to["name"], *ship_to["lines"], town, ship_to["country"]),
        service=row["service"].upper(),
        routing_code=row["routing_code"],
        tracking_number=row["tracking_number"],
        sscc=row["sscc"],
        sender=row["sender"],
        reference=f"Order {row['external_order_id']}",
        neutral=neutral is not None,
        neutral_sender=neutral or "",
        number=row["number"] if row["number"] <= row["parcels"] else 0,
        parcels=row["parcels"] if row["number"] <= row["parcels"] else 0,
        mass_g=row["mass_g"],
        edition=row["edition"],
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

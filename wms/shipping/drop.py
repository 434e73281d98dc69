"""What a departure brings to one door."""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from routing.road.point import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """An order's parcels of one departure. point: latitude and longitude, None where unknown.

    loaded: how many of them are in a van.
    """

    order_id: int
    tenant_id: int
    parcel_ids: tuple[int, ...]
    tracking_numbers: tuple[str, ...]
    mass_g: int
    volume_ml: int
    loaded: int
    name: str
    city: str
    point: Point | None

    @property
    def id(self) -> str:
        """Its name in a problem."""
        return str(self.order_id)


def drops_of(rows: Iterable[asyncpg.Record]) -> tuple[Drop, ...]:
    """The drops of these parcels, in the order in which their first parcels come."""
    parcels_of: dict[int, list[asyncpg.Record]] = {}
    for row in rows:
        parcels_of.setdefault(row["order_id"], []).append(row)
    return tuple(_drop(parcels) for parcels in parcels_of.values())


def _drop(parcels: list[asyncpg.Record]) -> Drop:
    first, address = parcels[0], parcels[0]["ship_to"]
    latitude, longitude = address.get("latitude"), address.get("longitude")
    unknown = latitude is None or longitude is None
    return Drop(
        order_id=first["order_id"],
        tenant_id=first["tenant_id"],
        parcel_ids=tuple(row["parcel_id"] for row in parcels),
        tracking_numbers=tuple(row["tracking_number"] for row in parcels),
        mass_g=sum(row["mass_g"] for row in parcels),
        volume_ml=sum(row["volume_ml"] or 0 for row in parcels),
        loaded=sum(row["loaded_at"] is not None for row in parcels),
        name=str(address.get("name") or ""),
        city=str(address.get("city") or ""),
        point=None if unknown else (float(latitude), float(longitude)),
    )

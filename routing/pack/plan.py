"""Cartons as they are handed over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedCarton:
    """One parcel: how many of which item; mass_g with the carton's tare, volume_ml of the contents.

    volume_ml is rounded up.
    """

    carton_code: str
    contents: tuple[tuple[str, int], ...]
    mass_g: int
    volume_ml: int


@dataclass(frozen=True, slots=True)
class CartonPlan:
    """Every unit in one parcel, or unpacked with the reason."""

    parcels: tuple[PlannedCarton, ...]
    unpacked: tuple[tuple[str, int, str], ...]

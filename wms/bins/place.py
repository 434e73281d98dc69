"""Where goods can be, and the labels of the house."""

import re
from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    BIN = "bin"
    CART = "cart"
    CONVEYOR = "conveyor"
    PACKING = "packing"
    DEPARTURE = "departure"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    LOSS = "loss"


VIRTUAL = frozenset({PlaceKind.SUPPLIER, PlaceKind.CUSTOMER, PlaceKind.LOSS})
TOTE_LABEL = re.compile(r"T-\d{5}")


@dataclass(frozen=True, slots=True)
class Place:
    """A place as an import or a shop's administrator describes it; lengths in mm."""

    code: str
    kind: PlaceKind
    zone: str = ""
    aisle: int | None = None
    bay: int | None = None
    level: int | None = None
    x_mm: int | None = None
    y_mm: int | None = None
    walk_seq: int | None = None
    volume_ml: int | None = None
    lane: int | None = None


def is_tote_label(code: str) -> bool:
    """Whether a scanned code is the label of one of the house's totes."""
    return TOTE_LABEL.fullmatch(code) is not None

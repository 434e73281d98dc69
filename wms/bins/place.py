"""Where goods can be, and the labels of the house."""

import re
from dataclasses import dataclass
from enum import StrEnum

from wms.error import Refused


class PlaceKind(StrEnum):
    BIN = "bin"
    RECEIVING = "receiving"
    CART = "cart"
    CONVEYOR = "conveyor"
    PACKING = "packing"
    DEPARTURE = "departure"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    LOSS = "loss"
    TRANSIT = "transit"
    PRODUCTION = "production"


class Purpose(StrEnum):
    """What a bin is for: picking, storing more of it, or goods that only pass through."""

    FORWARD = "forward"
    RESERVE = "reserve"
    CROSS_DOCK = "cross_dock"


class Mixing(StrEnum):
    """What may lie together in a place: anything, one owner's goods, one item, or one lot of it."""

    ANY = "any"
    OWNER = "owner"
    ITEM = "item"
    LOT = "lot"


# Places outside the house or of the books: no goods lie there, and no balance is kept of them.
VIRTUAL = frozenset(
    {
        PlaceKind.SUPPLIER,
        PlaceKind.CUSTOMER,
        PlaceKind.LOSS,
        PlaceKind.TRANSIT,
        PlaceKind.PRODUCTION,
    }
)
TOTE_LABEL = re.compile(r"T-\d{5}")
CODE_MAX = 40
ZONE_MAX = 20
CLASSES_MAX = 20
CLASS_MAX = 40
LANE_MAX = 64
# Least and most of each number of a place; lengths in mm, room in ml, load in g.
RANGES: dict[str, tuple[int, int]] = {
    "aisle": (0, 10_000),
    "bay": (0, 100_000),
    "level": (0, 1_000),
    "x_mm": (-10_000_000, 10_000_000),
    "y_mm": (0, 10_000_000),
    "walk_seq": (-1_000_000_000, 1_000_000_000),
    "volume_ml": (1, 10**12),
    "lane": (1, LANE_MAX),
    "mass_g_max": (1, 10**12),
    "units_max": (1, 10**12),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place as an import or a planner describes it; lengths in mm, room in ml, load in g.

    `units_max` counts whole units of items. A place without storage classes takes any.

    Raises:
        Refused: `bad_place`, naming the field.
    """

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
    purpose: Purpose = Purpose.FORWARD
    mass_g_max: int | None = None
    units_max: int | None = None
    mixing: Mixing = Mixing.ANY
    storage_classes: tuple[str, ...] = ()
    blocked_in: bool = False
    blocked_out: bool = False

    def __post_init__(self) -> None:
        if not is_code(self.code):
            raise Refused(
                "bad_place",
                f"{self.code[:CODE_MAX]!r}: a code has 1 to {CODE_MAX} printable characters "
                "and no space around it.",
                "/code",
            )
        if len(self.zone) > ZONE_MAX or not self.zone.isprintable():
            raise self._refusal("zone", f"a zone has at most {ZONE_MAX} characters")
        for field, (least, most) in RANGES.items():
            value = getattr(self, field)
            if value is not None and not least <= value <= most:
                raise self._refusal(field, f"{field} lies between {least} and {most}")
        if self.kind is PlaceKind.BIN and (self.aisle is None or self.y_mm is None):
            raise self._refusal("", "a bin has an aisle and y_mm")
        if len(set(self.storage_classes)) > CLASSES_MAX or not all(
            is_class(name) for name in self.storage_classes
        ):
            raise self._refusal(
                "storage_classes",
                f"at most {CLASSES_MAX} classes, each of 1 to {CLASS_MAX} characters without "
                "a semicolon",
            )

    def _refusal(self, field: str, why: str) -> Refused:
        return Refused("bad_place", f"{self.code}: {why}.", f"/{field}" if field else "")


def is_code(code: str) -> bool:
    """Whether a text can be the code of a place or a warehouse."""
    return 0 < len(code) <= CODE_MAX and code.isprintable() and code == code.strip()


def is_class(name: str) -> bool:
    """Whether a text can be the name of a storage class; a semicolon parts them in files."""
    return (
        0 < len(name) <= CLASS_MAX
        and name.isprintable()
        and name == name.strip()
        and ";" not in name
    )


def is_tote_label(code: str) -> bool:
    """Whether a scanned code is the label of one of the house's totes."""
    return TOTE_LABEL.fullmatch(code) is not None

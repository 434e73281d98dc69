"""What the house keeps: an item, its size, its units, and what it is made of or replaced by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wms.error import Refused
from wms.items.barcode import Barcode, canonical_barcode, check_barcode
from wms.items.packaging import LEVELS, Packaging, check_packagings
from wms.items.unit import SCALE_MAX

__all__ = [
    "Barcode",
    "Component",
    "Item",
    "ItemKind",
    "Packaging",
    "canonical_barcode",
    "canonical_sku",
]

SIZE_MM_MAX = 10_000
MASS_G_MAX = 2_000_000
SKU_MAX = 80
NAME_MAX = 200
UNIT_MAX = 20
WORD_MAX = 40
LIST_MAX = 50
# Why somebody has to approve that it ships; empty says none.
APPROVAL_KINDS = ("", "fresh", "luxury", "bulky", "inspection")
DIGITAL = ("code", "link", "voucher")
MONEY_MAX = 10**12
# Least and most of each number of an item; sizes in mm, mass in g, money in minor units.
RANGES: dict[str, tuple[int, int]] = {
    "width_mm": (1, SIZE_MM_MAX),
    "depth_mm": (1, SIZE_MM_MAX),
    "height_mm": (1, SIZE_MM_MAX),
    "mass_g": (1, MASS_G_MAX),
    "usual_price_minor": (0, MONEY_MAX),
    "scale": (0, SCALE_MAX),
    "shelf_life_min_days": (0, 36_500),
    "quality_percent": (0, 100),
    "age_min": (0, 120),
    "cost_minor": (0, MONEY_MAX),
    "made_to_order_days": (1, 365),
    "limit_per_buyer": (1, 10**9),
    "limit_days": (1, 3_650),
}


class ItemKind(StrEnum):
    """Goods are kept; a kit is assembled and then kept; a bundle is only sold, never kept."""

    GOODS = "goods"
    KIT = "kit"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class Component:
    """What one kit or bundle takes of another item, in that item's own unit: 2, or "0.75"."""

    sku: str
    quantity: int | str


@dataclass(frozen=True, slots=True)
class Item:
    """An item as an import or a shop describes it.

    Sizes in mm and mass in g are of one whole unit, which has 10^scale smallest units. A barcode
    without a factor means one whole unit. `shelf_life_min_days` is the least a buyer gets,
    `quality_percent` how many of a hundred received are looked at. Before `available_from` it is
    only sold ahead; what is short of one with `made_to_order_days` is made, in so many days on
    which the house works. A digital one is sent by mail: `digital` says what its codes are. One
    buyer gets at most `limit_per_buyer` smallest units in `limit_days`, without days ever.

    Raises:
        Refused: `bad_item`, `bad_barcode`, `bad_packaging`, `bad_component` or `bad_substitute`,
            naming the field.
    """

    sku: str
    name: str
    width_mm: int
    depth_mm: int
    height_mm: int
    mass_g: int
    barcodes: tuple[str | Barcode, ...] = ()
    usual_price_minor: int | None = None
    kind: ItemKind = ItemKind.GOODS
    unit: str = "each"
    scale: int = 0
    storage_class: str = ""
    track_lot: bool = False
    track_serial: bool = False
    track_expiry: bool = False
    shelf_life_min_days: int = 0
    quality_percent: int = 0
    fragile: bool = False
    liquid: bool = False
    electronic: bool = False
    keep_upright: bool = False
    dangerous_class: str = ""
    age_min: int = 0
    needs_approval: bool = False
    cost_minor: int | None = None
    packagings: tuple[Packaging, ...] = ()
    components: tuple[Component, ...] = ()
    substitutes: tuple[str, ...] = ()
    available_from: datetime | None = None
    made_to_order_days: int | None = None
    approval_kind: str = ""
    digital: str = ""
    limit_per_buyer: int | None = None
    limit_days: int | None = None

    def __post_init__(self) -> None:
        self._check_words()
        if self.approval_kind not in APPROVAL_KINDS:
            kinds = ", ".join(APPROVAL_KINDS[1:])
            raise self._refusal("approval_kind", f"approval_kind is empty or one of {kinds}")
        if self.approval_kind:
            # Whoever says why has said that.
            object.__setattr__(self, "needs_approval", True)
        for field, (least, most) in RANGES.items():
            value = getattr(self, field)
            if value is not None and not least <= value <= most:
                raise self._refusal(field, f"{field} lies between {least} and {most}")
        if self.scale and self.track_serial:
            raise self._refusal("track_serial", "a serial number is of one; scale is 0")
        if self.scale and self.kind is not ItemKind.GOODS:
            raise self._refusal("scale", f"a {self.kind} is counted in whole units; scale is 0")
        if self.made_to_order_days and self.kind is ItemKind.BUNDLE:
            raise self._refusal("made_to_order_days", "a bundle is never made, only its parts are")
        if self.limit_days is not None and self.limit_per_buyer is None:
            raise self._refusal("limit_days", "days are those of a limit_per_buyer")
        if self.available_from is not None and self.available_from.tzinfo is None:
            raise self._refusal("available_from", "a moment has an offset")
        self._check_digital()
        for barcode in self.barcodes:
            if isinstance(barcode, str):
                check_barcode(barcode)
        self.barcode_factors()
        check_packagings(self.packagings)
        self._check_others()

    def barcode_factors(self) -> dict[str, int]:
        """All barcodes in their one spelling, with how many smallest units each means.

        Raises:
            Refused: `bad_barcode`, one means two quantities.
        """
        said = [
            (barcode, 10**self.scale)
            if isinstance(barcode, str)
            else (barcode.code, barcode.factor)
            for barcode in self.barcodes
        ]
        said += [(code, pack.factor) for pack in self.packagings for code in pack.barcodes]
        factors: dict[str, int] = {}
        for code, factor in said:
            if factors.setdefault(canonical_barcode(code), factor) != factor:
                raise Refused(
                    "bad_barcode", f"{code} stands there for two quantities.", "/barcodes"
                )
        return factors

    def _check_words(self) -> None:
        sku = self.sku.strip()
        if not sku or len(sku) > SKU_MAX or not sku.isprintable() or ";" in sku:
            raise Refused(
                "bad_item",
                f"{sku[:SKU_MAX]!r}: an item needs a SKU of at most {SKU_MAX} printable "
                "characters, without a semicolon.",
                "/sku",
            )
        for field, least, most in (
            ("name", 1, NAME_MAX),
            ("unit", 1, UNIT_MAX),
            ("storage_class", 0, WORD_MAX),
            ("dangerous_class", 0, WORD_MAX),
        ):
            text = getattr(self, field)
            if not least <= len(text) <= most or (not text.isprintable() and field != "name"):
                raise self._refusal(field, f"{field} has {least} to {most} printable characters")
        if self.unit in LEVELS:
            raise self._refusal("unit", f"{self.unit} is a packaging, not a unit")

    def _check_digital(self) -> None:
        if not self.digital:
            return
        if self.digital not in DIGITAL:
            raise self._refusal("digital", f"digital goods are one of {', '.join(DIGITAL)}")
        if self.kind is not ItemKind.GOODS or self.scale or self.packagings:
            raise self._refusal("digital", "a digital item is of one code, and no kit or pack")
        if self.track_lot or self.track_serial or self.track_expiry or self.made_to_order_days:
            raise self._refusal("digital", "a digital item has no lot, serial, expiry or workshop")

    def _check_others(self) -> None:
        own = canonical_sku(self.sku)
        parts = [canonical_sku(component.sku) for component in self.components]
        if (self.kind is ItemKind.GOODS) == bool(parts):
            raise Refused(
                "bad_component",
                f"{self.sku}: a kit or a bundle has components, and goods have none.",
                "/components",
            )
        if own in parts:
            raise Refused("component_ring", f"{self.sku} is made of itself.", "/components")
        replaced_by = [canonical_sku(sku) for sku in self.substitutes]
        if own in replaced_by:
            raise Refused("bad_substitute", f"{self.sku} replaces itself.", "/substitutes")
        for code, names in (("bad_component", parts), ("bad_substitute", replaced_by)):
            if len(set(names)) < len(names) or len(names) > LIST_MAX:
                raise Refused(
                    code,
                    f"{self.sku}: each stands there once, and at most {LIST_MAX} do.",
                    f"/{code.removeprefix('bad_')}s",
                )

    def _refusal(self, field: str, why: str) -> Refused:
        return Refused("bad_item", f"{self.sku}: {why}.", f"/{field}")


def canonical_sku(sku: str) -> str:
    """The one spelling of a SKU: upper case, no space around it."""
    return sku.strip().upper()

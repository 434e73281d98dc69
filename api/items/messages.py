"""What shops send and get about items."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Moment, Words
from api.quantity import Quantity
from wms.items.item import (
    LIST_MAX,
    MASS_G_MAX,
    NAME_MAX,
    RANGES,
    SIZE_MM_MAX,
    SKU_MAX,
    UNIT_MAX,
    WORD_MAX,
    Barcode,
    Component,
    Item,
    ItemKind,
    Packaging,
)
from wms.items.packaging import MASS_G_MAX as PACK_MASS_G_MAX
from wms.items.unit import QUANTITY_MAX

Size = Annotated[int, Field(gt=0, le=SIZE_MM_MAX)]
Money = Annotated[int, Field(ge=0, le=RANGES["cost_minor"][1])]
Factor = Annotated[int, Field(gt=0, le=QUANTITY_MAX)]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=SKU_MAX), NO_NUL]
Word = Annotated[str, StringConstraints(max_length=WORD_MAX), NO_NUL]


def _number(field: str) -> Any:
    least, most = RANGES[field]
    return Field(ge=least, le=most)


class PackagingEntry(BaseModel):
    """So many smallest units in one pack; sizes and mass are those of the pack."""

    model_config = ConfigDict(extra="forbid")

    level: Literal["inner", "case", "pallet"]
    factor: Factor
    width_mm: Size | None = None
    depth_mm: Size | None = None
    height_mm: Size | None = None
    mass_g: Annotated[int, Field(gt=0, le=PACK_MASS_G_MAX)] | None = None
    barcodes: Annotated[list[Words], Field(max_length=LIST_MAX)] = []


class BarcodeEntry(BaseModel):
    """A barcode of a number of smallest units that is no packaging."""

    model_config = ConfigDict(extra="forbid")

    barcode: Words
    factor: Factor


class ComponentEntry(BaseModel):
    """What one kit or bundle takes of another item, in that item's own unit."""

    model_config = ConfigDict(extra="forbid")

    sku: Sku
    quantity: Quantity


class ItemRequest(BaseModel):
    """An item, whole: what is left out is what it says here by default.

    Sizes and mass are of one whole unit, which has 10^scale smallest units.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Green tea, 100 g",
                    "width_mm": 80,
                    "depth_mm": 60,
                    "height_mm": 150,
                    "mass_g": 130,
                    "barcodes": ["9520000000035"],
                    "track_lot": True,
                    "track_expiry": True,
                    "shelf_life_min_days": 30,
                    "packagings": [
                        {"level": "case", "factor": 24, "barcodes": ["19520000000032"]},
                        {"level": "pallet", "factor": 960},
                    ],
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX), NO_NUL]
    width_mm: Size
    depth_mm: Size
    height_mm: Size
    mass_g: Annotated[int, Field(gt=0, le=MASS_G_MAX)]
    barcodes: Annotated[list[Words], Field(max_length=LIST_MAX)] = []
    other_barcodes: Annotated[list[BarcodeEntry], Field(max_length=LIST_MAX)] = []
    usual_price_minor: Money | None = None
    kind: ItemKind = ItemKind.GOODS
    unit: Annotated[str, StringConstraints(min_length=1, max_length=UNIT_MAX), NO_NUL] = "each"
    scale: Annotated[int, _number("scale")] = 0
    storage_class: Word = ""
    track_lot: bool = False
    track_serial: bool = False
    track_expiry: bool = False
    shelf_life_min_days: Annotated[int, _number("shelf_life_min_days")] = 0
    quality_percent: Annotated[int, _number("quality_percent")] = 0
    fragile: bool = False
    liquid: bool = False
    electronic: bool = False
    keep_upright: bool = False
    dangerous_class: Word = ""
    age_min: Annotated[int, _number("age_min")] = 0
    needs_approval: bool = False
    approval_kind: Annotated[
        Literal["", "fresh", "luxury", "bulky", "inspection"],
        Field(description="why somebody has to approve that it ships; needs_approval follows it"),
    ] = ""
    cost_minor: Money | None = None
    available_from: (
        Annotated[
            Moment, Field(description="sold ahead before it: accepted, and packed from then on")
        ]
        | None
    ) = None
    made_to_order_days: (
        Annotated[
            int,
            _number("made_to_order_days"),
            Field(
                description="what is short of it is made, in so many days on which the house works"
            ),
        ]
        | None
    ) = None
    digital: Annotated[
        Literal["", "code", "link", "voucher"],
        Field(description="sent by mail from the vault of its codes, and never shipped"),
    ] = ""
    limit_per_buyer: (
        Annotated[
            int,
            _number("limit_per_buyer"),
            Field(
                description="the most smallest units that one buyer gets; none: as many as wanted"
            ),
        ]
        | None
    ) = None
    limit_days: (
        Annotated[
            int,
            _number("limit_days"),
            Field(description="the limit is of so many days; without it, for ever"),
        ]
        | None
    ) = None
    packagings: Annotated[list[PackagingEntry], Field(max_length=3)] = []
    components: Annotated[list[ComponentEntry], Field(max_length=LIST_MAX)] = []
    substitutes: Annotated[list[Sku], Field(max_length=LIST_MAX)] = []

    def item(self, sku: str) -> Item:
        """The item in the house's own words.

        Raises:
            Refused: what breaks a rule, pointing at its field.
        """
        told: dict[str, Any] = {
            name: getattr(self, name)
            for name in ItemRequest.model_fields
            if name not in ("barcodes", "other_barcodes", "packagings", "components")
        }
        others = (Barcode(entry.barcode, entry.factor) for entry in self.other_barcodes)
        return Item(
            sku,
            **told | {"substitutes": tuple(self.substitutes)},
            barcodes=(*self.barcodes, *others),
            packagings=tuple(
                Packaging(**entry.model_dump() | {"barcodes": tuple(entry.barcodes)})
                for entry in self.packagings
            ),
            components=tuple(Component(entry.sku, entry.quantity) for entry in self.components),
        )


class ComponentView(BaseModel):
    sku: str
    quantity: int | str


class PackagingView(BaseModel):
    level: str
    factor: int
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    mass_g: int | None
    barcodes: list[str]


class BarcodeView(BaseModel):
    barcode: str
    factor: int


class ItemView(BaseModel):
    sku: str
    name: str
    width_mm: int
    depth_mm: int
    height_mm: int
    mass_g: int
    barcodes: list[str]
    other_barcodes: list[BarcodeView]
    usual_price_minor: int | None
    kind: str
    unit: str
    scale: int
    storage_class: str
    track_lot: bool
    track_serial: bool
    track_expiry: bool
    shelf_life_min_days: int
    quality_percent: int
    fragile: bool
    liquid: bool
    electronic: bool
    keep_upright: bool
    dangerous_class: str
    age_min: int
    needs_approval: bool
    approval_kind: str
    cost_minor: int | None
    available_from: AwareDatetime | None
    made_to_order_days: int | None
    digital: str
    limit_per_buyer: int | None
    limit_days: int | None
    packagings: list[PackagingView]
    components: list[ComponentView]
    substitutes: list[str]


class ItemList(BaseModel):
    items: list[ItemView]
    next: str | None

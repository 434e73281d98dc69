"""What shops send and get about items."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, Words
from wms.items.item import MASS_G_MAX, SIZE_MM_MAX, Item

Size = Annotated[int, Field(gt=0, le=SIZE_MM_MAX)]


class ItemRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]
    width_mm: Size
    depth_mm: Size
    height_mm: Size
    mass_g: Annotated[int, Field(gt=0, le=MASS_G_MAX)]
    barcodes: Annotated[list[Words], Field(max_length=50)] = []
    usual_price_minor: Annotated[int, Field(ge=0)] | None = None

    def item(self, sku: str) -> Item:
        """The item in the house's own words."""
        return Item(
            sku,
            self.name,
            self.width_mm,
            self.depth_mm,
            self.height_mm,
            self.mass_g,
            tuple(self.barcodes),
            self.usual_price_minor,
        )


class ItemView(BaseModel):
    sku: str
    name: str
    width_mm: int
    depth_mm: int
    height_mm: int
    mass_g: int
    barcodes: list[str]


class ItemList(BaseModel):
    items: list[ItemView]
    next: str | None

"""Places as planners enter and read them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from wms.bins.place import (
    CLASS_MAX,
    CLASSES_MAX,
    RANGES,
    ZONE_MAX,
    Mixing,
    Place,
    PlaceKind,
    Purpose,
)

StorageClass = Annotated[str, StringConstraints(min_length=1, max_length=CLASS_MAX), NO_NUL]


def _number(field: str) -> Any:
    least, most = RANGES[field]
    return Field(ge=least, le=most)


class PlaceRequest(BaseModel):
    """A place, whole: what is left out is what it says here by default.

    Lengths in mm, room in ml, load in g; `units_max` counts whole units of items.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "bin",
                    "zone": "A",
                    "aisle": 0,
                    "bay": 1,
                    "level": 1,
                    "x_mm": 0,
                    "y_mm": 600,
                    "walk_seq": 1,
                    "volume_ml": 200000,
                    "mass_g_max": 150000,
                    "mixing": "item",
                }
            ]
        },
    )

    kind: PlaceKind
    zone: Annotated[str, StringConstraints(max_length=ZONE_MAX), NO_NUL] = ""
    aisle: Annotated[int, _number("aisle")] | None = None
    bay: Annotated[int, _number("bay")] | None = None
    level: Annotated[int, _number("level")] | None = None
    x_mm: Annotated[int, _number("x_mm")] | None = None
    y_mm: Annotated[int, _number("y_mm")] | None = None
    walk_seq: Annotated[int, _number("walk_seq")] | None = None
    volume_ml: Annotated[int, _number("volume_ml")] | None = None
    lane: Annotated[int, _number("lane")] | None = None
    purpose: Purpose = Purpose.FORWARD
    mass_g_max: Annotated[int, _number("mass_g_max")] | None = None
    units_max: Annotated[int, _number("units_max")] | None = None
    mixing: Mixing = Mixing.ANY
    storage_classes: Annotated[list[StorageClass], Field(max_length=CLASSES_MAX)] = []
    blocked_in: bool = False
    blocked_out: bool = False

    def place(self, code: str) -> Place:
        """The place in the house's own words.

        Raises:
            Refused: `bad_place`.
        """
        told = {name: getattr(self, name) for name in PlaceRequest.model_fields}
        return Place(code, **told | {"storage_classes": tuple(self.storage_classes)})


class PlaceView(BaseModel):
    code: str
    warehouse: str
    kind: str
    zone: str
    aisle: int | None
    bay: int | None
    level: int | None
    x_mm: int | None
    y_mm: int | None
    walk_seq: int | None
    volume_ml: int | None
    lane: int | None
    purpose: str
    mass_g_max: int | None
    units_max: int | None
    mixing: str
    storage_classes: list[str]
    blocked_in: bool
    blocked_out: bool


class PlaceList(BaseModel):
    items: list[PlaceView]
    next: str | None

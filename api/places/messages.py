"""Places as planners enter and shops read them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from wms.bins.place import Place, PlaceKind


class PlaceRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: PlaceKind
    zone: Annotated[str, StringConstraints(max_length=20), NO_NUL] = ""
    aisle: Annotated[int, Field(ge=0)] | None = None
    bay: Annotated[int, Field(ge=0)] | None = None
    level: Annotated[int, Field(ge=0)] | None = None
    x_mm: int | None = None
    y_mm: Annotated[int, Field(ge=0)] | None = None
    walk_seq: int | None = None
    volume_ml: Annotated[int, Field(gt=0)] | None = None
    lane: Annotated[int, Field(ge=1, le=64)] | None = None

    def place(self, code: str) -> Place:
        """The place in the house's own words."""
        return Place(code, **{name: getattr(self, name) for name in PlaceRequest.model_fields})


class PlaceView(PlaceRequest):
    code: str
    warehouse: str


class PlaceList(BaseModel):
    items: list[PlaceView]
    next: str | None

"""Handling units as planners make them up, fill, nest and move them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL
from api.quantity import Quantity
from wms.journey.goods.unit import Contents, NewUnit
from wms.stock.unit import UnitKind

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]
Mark = Annotated[str, StringConstraints(max_length=80), NO_NUL]
Status = Literal["available", "quarantine", "damaged", "hold"]


class UnitRequest(BaseModel):
    """A unit to be made up; without a code it gets an SSCC of the house."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "pallet", "place": "A-01-01-1"}]},
    )

    kind: UnitKind
    place: Name
    code: Name | None = None
    warehouse: Name | None = None

    def unit(self) -> NewUnit:
        """The unit in the house's own words."""
        return NewUnit(**dict(self))


class ContentsRequest(BaseModel):
    """Loose goods at the unit's place that go into it, or with `out` come out of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"shop": "Gifts", "sku": "MUG", "quantity": 12}]},
    )

    shop: Name
    sku: Name
    quantity: Quantity
    unit: Mark = ""
    lot: Mark = ""
    serial: Mark = ""
    status: Status = "available"
    out: bool = False

    def contents(self) -> Contents:
        """The goods in the house's own words."""
        return Contents(**dict(self))


class NestingRequest(BaseModel):
    """Another unit that is stood into this one, or with `out` taken out of it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"handling_unit": "CASE-7"}]}
    )

    handling_unit: Name
    out: bool = False


class UnitMoveRequest(BaseModel):
    """Where a unit goes with all that is in it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"place": "A-02-01-1"}]}
    )

    place: Name
    warehouse: Name | None = None


class ContentView(BaseModel):
    owner: str
    sku: str
    lot: str
    serial: str
    status: Status
    expires_on: date | None
    on_hand: int | str
    reserved: int | str


class UnitView(BaseModel):
    """A unit with its goods; `inside` is what it stands in, `handling_units` what stands in it."""

    code: str
    kind: Literal["tote", "parcel", "case", "pallet"]
    place: str
    inside: str | None
    handling_units: list[str]
    contents: list[ContentView]

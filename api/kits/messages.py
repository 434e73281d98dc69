"""Kits as planners have them put together and taken apart."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.field import NO_NUL
from api.quantity import Quantity

Text = Annotated[str, NO_NUL, Field(min_length=1, max_length=200)]
Note = Annotated[str, NO_NUL, Field(max_length=80)]


class DisassemblyRequest(BaseModel):
    """So many kits to be taken apart; their components go to `place`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"shop": "demo", "quantity": 2, "place": "A-01-01-1"}]},
    )

    shop: Text
    quantity: Quantity
    unit: Note = ""
    place: Text
    warehouse: Text | None = None
    lot: Note = ""
    serial: Note = ""


class AssemblyRequest(DisassemblyRequest):
    """So many kits to be put together and laid into `place`.

    Without `expires_on`, a kit that expires lasts as long as its component that goes off first.
    """

    expires_on: date | None = None


class PieceView(BaseModel):
    sku: str
    lot: str
    serial: str
    expires_on: date | None
    quantity: int | str


class KitWorkView(BaseModel):
    """What was done, the movement that did it, and the pieces that went in or came out."""

    id: int
    kind: Literal["assemble", "disassemble"]
    sku: str
    quantity: int | str
    place: str
    lot: str
    serial: str
    movement_id: int
    components: list[PieceView]

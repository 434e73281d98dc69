"""Moves within the house, as planners read and order them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL
from api.quantity import Quantity
from wms.journey.goods.relocation import Relocation

Kind = Literal["putaway", "cross_dock", "refill", "reslot", "put_back"]
Status = Literal["available", "quarantine", "damaged", "hold"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL]
Mark = Annotated[str, StringConstraints(max_length=80), NO_NUL]


class TaskView(BaseModel):
    """A move; an unplaced one has no number, kind or target: nothing takes the goods yet."""

    id: int | None
    kind: Kind | None
    state: Literal["open", "claimed", "done", "void", "unplaced"]
    warehouse: str
    owner: str
    sku: str
    name: str
    lot: str
    serial: str
    status: Status
    quantity: int | str
    unit: str
    from_place: str
    from_handling_unit: str | None
    to_place: str | None
    urgency: int | None
    reason: str
    holder: str | None
    claimed_until: AwareDatetime | None
    made_at: AwareDatetime | None
    done_at: AwareDatetime | None
    movement_id: int | None


class TaskList(BaseModel):
    items: list[TaskView]
    next: str | None


class MoveRequest(BaseModel):
    """Goods that go from one place to another; without a quantity all of them."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "shop": "Gifts",
                    "sku": "MUG",
                    "from": "A-01-01-1",
                    "to": "A-02-01-1",
                    "quantity": 4,
                    "reason": "the shelf is being mended",
                }
            ]
        },
    )

    shop: Name
    sku: Name
    from_place: Annotated[Name, Field(alias="from")]
    to_place: Annotated[Name, Field(alias="to")]
    warehouse: Name | None = None
    lot: Mark = ""
    serial: Mark = ""
    status: Status = "available"
    quantity: Quantity | None = None
    unit: Mark = ""
    reason: Mark = ""

    def relocation(self) -> Relocation:
        """The move in the house's own words."""
        return Relocation(**dict(self))


class MoveView(BaseModel):
    """A move that was booked, with its movement."""

    model_config = ConfigDict(populate_by_name=True)

    movement_id: int
    sku: str
    from_place: Annotated[str, Field(alias="from")]
    to_place: Annotated[str, Field(alias="to")]
    quantity: int | str
    unit: str

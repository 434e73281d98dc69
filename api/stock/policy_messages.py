"""What shops send and get about what may be sold: policies, and the record of what could not be."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from wms.promise.policy import CHANNELS_MAX

Channel = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Share = (
    Annotated[int, Field(strict=True, ge=0, le=10**12)]
    | Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]
)


class PolicyRequest(BaseModel):
    """`safety_stock` no new order gets; `allocations` say how much a channel has to itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"safety_stock": 5, "allocations": {"web": 40}}]},
    )

    safety_stock: Share = 0
    allocations: Annotated[dict[Channel, Share], Field(max_length=CHANNELS_MAX)] = {}


class PolicyView(BaseModel):
    """Allocations shrink as the goods of a channel's orders leave."""

    sku: str
    warehouse: str
    safety_stock: int | str
    allocations: dict[str, int | str]


class UnsellableView(BaseModel):
    """From when to when nothing of an item could be promised; `to_at` is missing while it lasts."""

    sku: str
    warehouse: str
    from_at: AwareDatetime
    to_at: AwareDatetime | None


class UnsellableList(BaseModel):
    items: list[UnsellableView]
    next: str | None


class RefusedView(BaseModel):
    """Demand that was refused: what was wanted, and what could have been promised."""

    sku: str
    quantity: int | str
    available: int | str
    external_order_id: str
    channel: str
    admission: int
    at: AwareDatetime


class RefusedList(BaseModel):
    items: list[RefusedView]
    next: str | None

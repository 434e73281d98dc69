"""What shops send and get when they cancel an order."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL


class CancellationRequest(BaseModel):
    """Why an order is cancelled."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "ordered twice"}]}
    )

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NO_NUL
    ]


class BlockedView(BaseModel):
    """A part of the order that stood in the way."""

    fulfilment_order_id: int
    state: str


class WayBackView(BaseModel):
    """What there is instead: which path, and how it is used for this."""

    how: Literal["return", "handoff", "revocation"]
    path: str
    detail: str


class CancellationView(BaseModel):
    """What came of it: done, or refused with the reason and what there is instead.

    All of an order is cancelled or nothing; `blocked` says which of its parts could not be.
    """

    id: int
    order_id: int
    state: Literal["done", "refused"]
    reason: str
    code: Annotated[
        Literal["handed_over", "packing", "sent", "order_over"] | None,
        Field(description="of the refusal"),
    ]
    refusal: str | None
    blocked: list[BlockedView]
    way_back: WayBackView | None
    order_state: Literal["received", "accepted", "rejected", "cancelled"]
    asked_at: AwareDatetime

"""What is sent and got about fulfilment orders and what keeps them back."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, ROW_MAX, Moment
from api.orders.messages import Closed
from api.orders.view_messages import HoldView
from api.quantity import Quantity

PARTED_MAX = 2_000
Number = Annotated[int, Field(strict=True, ge=1, le=ROW_MAX)]


class HoldRequest(Closed):
    """Why an order is kept back, and until when its owner wants to be asked what is with it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "fraud", "reason": "The card's owner is asked by telephone."}]
        },
    )

    kind: Literal["requested", "fraud", "buyer", "inspection", "other"] = "requested"
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), NO_NUL
    ]
    until: Moment | None = None
    fulfilment_order_id: Annotated[
        Number | None, Field(description="only this part of the order; left out, all of it")
    ] = None


class HoldList(BaseModel):
    """The holds that were set: one a fulfilment order."""

    holds: list[HoldView]


class MoveRequest(Closed):
    """Which warehouse is to ship it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"warehouse": "EAST"}]}
    )

    warehouse: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), NO_NUL
    ]


class SplitLine(Closed):
    line: Annotated[Number, Field(description="the line's number in the order")]
    quantity: Annotated[Quantity, Field(description="in the unit that the line was ordered in")]


class SplitRequest(Closed):
    """What goes into a fulfilment order of its own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"lines": [{"line": 1, "quantity": 2}]}]},
    )

    lines: Annotated[list[SplitLine], Field(min_length=1, max_length=PARTED_MAX)]

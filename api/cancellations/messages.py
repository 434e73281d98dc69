"""What shops send and get when they cancel an order."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL


class CancellationRequest(BaseModel):
    """Why an order is cancelled."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "ordered twice"}]}
    )

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NO_NUL
    ]


class CancellationView(BaseModel):
    """What came of it: done, or refused with the reason."""

    id: int
    order_id: int
    state: Literal["done", "refused"]
    reason: str
    refusal: str | None
    order_state: Literal["received", "accepted", "rejected", "cancelled"]
    asked_at: AwareDatetime

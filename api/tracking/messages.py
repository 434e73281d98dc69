"""What carriers report."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL, Moment


class TrackingRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracking_number: Annotated[str, StringConstraints(min_length=1, max_length=60), NO_NUL]
    type: Literal["accepted"]
    at: Moment


class TrackingView(BaseModel):
    tracking_number: str
    type: str

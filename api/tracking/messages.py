"""What carriers report."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from api.field import Words


class TrackingRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracking_number: Annotated[Words, StringConstraints(min_length=1, max_length=60)]
    type: Literal["accepted"]
    at: AwareDatetime


class TrackingView(BaseModel):
    tracking_number: str
    type: str

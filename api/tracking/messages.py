"""What carriers report."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from api.field import NO_NUL, Moment


class TrackingRequest(BaseModel):
    """What became of a parcel: taken over by its carrier, or brought to its buyer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "tracking_number": "SX0000000017",
                    "type": "accepted",
                    "at": "2010-12-01T17:02:11+00:00",
                }
            ]
        },
    )

    tracking_number: Annotated[str, StringConstraints(min_length=1, max_length=60), NO_NUL]
    type: Literal["accepted", "delivered"]
    at: Moment


class TrackingView(BaseModel):
    tracking_number: str
    type: str

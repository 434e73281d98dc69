"""Carriers, as far as planners set them."""

from datetime import time

from pydantic import BaseModel, ConfigDict, field_validator


class CarrierRequest(BaseModel):
    """Until which time of day, by the clocks of each warehouse, a carrier takes what leaves.

    own_vans: whether it goes by the house's own vans; left out, that stays as it is.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"cut_off": "16:30:00"}]}
    )

    cut_off: time | None
    own_vans: bool | None = None

    @field_validator("cut_off")
    @classmethod
    def _local(cls, value: time | None) -> time | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("a cut-off has no offset: it is by the clocks of the warehouse")
        return value


class CarrierView(BaseModel):
    code: str
    name: str
    cut_off: time | None
    own_vans: bool

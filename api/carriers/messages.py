"""Carriers, as far as planners set them."""

from pydantic import BaseModel, ConfigDict

from api.field import TimeOfDay


class CarrierRequest(BaseModel):
    """Until which time of day, by the clocks of each warehouse, a carrier takes what leaves.

    own_vans: whether it goes by the house's own vans; left out, that stays as it is.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"cut_off": "16:30:00"}]}
    )

    cut_off: TimeOfDay | None
    own_vans: bool | None = None


class CarrierView(BaseModel):
    code: str
    name: str
    cut_off: TimeOfDay | None
    own_vans: bool

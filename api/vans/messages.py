"""The house's own vans, as planners enter and read them."""

from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.field import NO_NUL, TimeOfDay
from wms.shipping.van import Van

LIST_MAX = 100
AMOUNT_MAX = 2**31 - 1
Code = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL]
Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]


class BreakRequest(BaseModel):
    """A driver's break of `minutes`, which begins within the window."""

    model_config = ConfigDict(extra="forbid")

    begins_from: TimeOfDay
    begins_until: TimeOfDay
    minutes: Annotated[int, Field(ge=1, le=600)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins_until < self.begins_from:
            raise ValueError("a break begins until a moment that is not before begins_from")
        return self


class VanRequest(BaseModel):
    """A van of a warehouse, by default the first. Times of day are by the warehouse's clocks.

    Costs are in minor units; where neither a kilometre nor an hour costs anything, the shortest
    routes are the best. speed_factor is its pace beside a car's. With driving_rule its driver
    rests 45 minutes after 4.5 hours at the wheel (Regulation (EC) 561/2006).
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "mass_g_max": 1_200_000,
                    "volume_ml_max": 11_000_000,
                    "shift_from": "07:00:00",
                    "shift_to": "17:00:00",
                    "cost_per_km_minor": 35,
                    "cost_per_hour_minor": 2_200,
                    "skills": ["tail lift"],
                    "pause": {
                        "begins_from": "11:30:00",
                        "begins_until": "13:00:00",
                        "minutes": 30,
                    },
                }
            ]
        },
    )

    warehouse: Code | None = None
    mass_g_max: Annotated[int, Field(ge=1, le=AMOUNT_MAX)]
    volume_ml_max: Annotated[int, Field(ge=1, le=AMOUNT_MAX)]
    shift_from: TimeOfDay
    shift_to: TimeOfDay
    fixed_cost_minor: Amount = 0
    cost_per_km_minor: Amount = 0
    cost_per_hour_minor: Amount = 0
    speed_factor: Annotated[float, Field(ge=0.1, le=10)] = 1.0
    skills: Annotated[list[Code], Field(max_length=LIST_MAX)] = []
    pause: BreakRequest | None = None
    driving_rule: bool = False
    in_service: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.shift_to <= self.shift_from:
            raise ValueError("a shift ends after it begins, on the same day")
        return self

    def van(self, code: str) -> Van:
        """The van as the house knows it."""
        return Van(
            code=code,
            mass_g_max=self.mass_g_max,
            volume_ml_max=self.volume_ml_max,
            shift_from=self.shift_from,
            shift_to=self.shift_to,
            fixed_cost_minor=self.fixed_cost_minor,
            cost_per_km_minor=self.cost_per_km_minor,
            cost_per_hour_minor=self.cost_per_hour_minor,
            speed_factor=self.speed_factor,
            skills=tuple(dict.fromkeys(self.skills)),
            break_from=None if self.pause is None else self.pause.begins_from,
            break_to=None if self.pause is None else self.pause.begins_until,
            break_s=None if self.pause is None else self.pause.minutes * 60,
            driving_rule=self.driving_rule,
            in_service=self.in_service,
        )


class BreakView(BaseModel):
    begins_from: TimeOfDay
    begins_until: TimeOfDay
    minutes: int


class VanView(BaseModel):
    code: str
    warehouse: str
    mass_g_max: int
    volume_ml_max: int
    shift_from: TimeOfDay
    shift_to: TimeOfDay
    fixed_cost_minor: int
    cost_per_km_minor: int
    cost_per_hour_minor: int
    speed_factor: float
    skills: list[str]
    pause: BreakView | None
    driving_rule: bool
    in_service: bool


class VanList(BaseModel):
    items: list[VanView]

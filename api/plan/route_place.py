"""Places of a delivery problem, and the ways between them as tables."""

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.plan.floor import Said, sensible
from routing.delivery.travel import FAR, LEG_MAX, Travel

Way = Annotated[int, Field(ge=0, le=LEG_MAX)]
Rows = tuple[tuple[Way | None, ...], ...]


class PlaceSaid(Said):
    """A place, with where it is on earth unless tables tell the ways."""

    id: str = Field(min_length=1, max_length=200, description="The place's name.")
    latitude: float | None = Field(default=None, ge=-90, le=90, description="In degrees.")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="In degrees.")

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude, where both are said."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


class TablesSaid(Said):
    """Metres and seconds between all places, in their order; null where there is no way."""

    distances_m: Rows = Field(description="A row for each place.")
    durations_s: tuple[Rows, ...] = Field(
        min_length=1, max_length=48, description="For each slice of the day a row for each place."
    )
    since_s: tuple[Way, ...] = Field(
        default=(0,), min_length=1, description="When each slice of the day begins."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        sensible(self.travel)
        return self

    def travel(self) -> Travel:
        """As routing knows it.

        Raises: ValueError when the tables are not square or not of one size.
        """
        distances = _table("distances_m", self.distances_m)
        durations = np.stack([_table("durations_s", rows) for rows in self.durations_s])
        return Travel(distances, durations, self.since_s, "the file's own tables")


def _table(name: str, rows: Rows) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    if any(len(row) != len(rows) for row in rows):
        why = f"{name} must have as many columns as rows, which are {len(rows)}"
        raise PydanticCustomError("senseless", "{why}", {"why": why})
    filled = [[FAR if way is None else way for way in row] for row in rows]
    return np.array(filled, np.int64).reshape(len(rows), len(rows))

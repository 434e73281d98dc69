"""A day on the road: moments as seconds since its midnight, by the clocks of the warehouse."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class RouteDay:
    """One day in one time zone. Seconds are those that pass, also where clocks are put forward."""

    day: date
    zone: str

    @classmethod
    def of(cls, at: datetime, zone: str) -> Self:
        """The day of a moment."""
        return cls(at.astimezone(ZoneInfo(zone)).date(), zone)

    def next(self) -> Self:
        """The day after."""
        return type(self)(self.day + timedelta(1), self.zone)

    @property
    def midnight(self) -> datetime:
        """When it begins, in UTC: subtracting moments of one zone counts by its clocks."""
        return datetime.combine(self.day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def second(self, at: datetime) -> int:
        """How many whole seconds after midnight a moment is, and none where it is before."""
        return max(0, ceil((at.astimezone(UTC) - self.midnight).total_seconds()))

    def second_of(self, at: time) -> int:
        """How many seconds after midnight the clocks show this time."""
        return self.second(datetime.combine(self.day, at, ZoneInfo(self.zone)))

    def moment(self, second: int) -> datetime:
        """The moment so many seconds after midnight, in UTC."""
        return self.midnight + timedelta(seconds=second)

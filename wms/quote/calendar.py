"""Days on which somebody works: weekdays, without the public holidays of a country or a part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

EVERY_DAY = frozenset(range(1, 8))
WORKING_DAYS = frozenset(range(1, 6))
# No country rests for longer; a calendar that finds no open day within it has none.
SEARCH_DAYS = 400


@dataclass(frozen=True, slots=True)
class OpenDays:
    """Which days are open; weekdays are those of ISO 8601, Monday 1 to Sunday 7, at least one.

    Holidays are of `country` and its `subdivision`; none are known of '' and of some countries.
    """

    weekdays: frozenset[int]
    country: str = ""
    subdivision: str = ""

    def why_closed(self, day: date) -> str | None:
        """Why a day is closed, or None where it is open."""
        if day.isoweekday() not in self.weekdays:
            return day.strftime("%A").lower()
        return holidays_of(self.country, self.subdivision, day.year).get(day)

    def is_open(self, day: date) -> bool:
        """Whether somebody works that day."""
        return self.why_closed(day) is None

    def next_open(self, day: date) -> date:
        """The day itself where it is open, else the next that is."""
        for ahead in range(SEARCH_DAYS):
            found = day + timedelta(days=ahead)
            if self.is_open(found):
                return found
        raise AssertionError(f"no open day within {SEARCH_DAYS} days of {day}")

    def after(self, day: date, number: int) -> date:
        """The so-and-so-manieth open day after a day; with 0, the first from that day on."""
        found = self.next_open(day) if number == 0 else day
        for _ in range(number):
            found = self.next_open(found + timedelta(days=1))
        return found

    def between(self, start: date, end: date) -> int:
        """How many open days lie after the one and up to the other."""
        days = (end - start).days
        return sum(self.is_open(start + timedelta(days=ahead + 1)) for ahead in range(days))


@lru_cache(maxsize=2_000)
def holidays_of(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """The public holidays of a year; of a part that is not known, those of the whole country."""
    # The library is large, and most commands ask for no calendar.
    from holidays import country_holidays

    if country not in _parts():
        return {}
    part = subdivision if subdivision in _parts()[country] else None
    return dict(country_holidays(country, subdiv=part, years=year))


def knows_holidays(country: str, subdivision: str = "") -> bool:
    """Whether the holidays of a country, and of that part of it, are known."""
    return country in _parts() and (not subdivision or subdivision in _parts()[country])


@lru_cache(maxsize=1)
def _parts() -> Mapping[str, list[str]]:
    from holidays import list_supported_countries

    return list_supported_countries(include_aliases=True)

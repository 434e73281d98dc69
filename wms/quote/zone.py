"""What time it is where a parcel goes: a zone that was given, or what the country says.

Source: the table of zones by country of the tz database, `zone.tab`, in the public domain.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from wms.bins.warehouse import bad_time_zone, is_time_zone

GIVEN, COUNTRY, ASSUMED = "given", "country", "assumed"
_TABLE = Path(__file__).with_name("zone.txt")


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone, and whether it was given, is the country's, or is the most careful of many."""

    name: str
    source: str

    @property
    def info(self) -> ZoneInfo:
        return ZoneInfo(self.name)


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country that this machine knows; none where the country is none."""
    for line in _TABLE.read_text(encoding="ascii").splitlines():
        code, *names = line.split()
        if code == country:
            return tuple(name for name in names if is_time_zone(name))
    return ()


def zone_there(country: str, given: str | None, at: datetime) -> Zone:
    """The zone of an address. Of several in a country the one where it is latest is taken.

    A date that is reckoned there is never too early elsewhere in the country.

    Raises:
        Refused: `bad_time_zone`, the one that was given is none.
    """
    if given is not None:
        if not is_time_zone(given):
            raise bad_time_zone(given)
        return Zone(given, GIVEN)
    names = zones_of(country)
    if not names:
        return Zone("Etc/GMT-14" if country else "UTC", ASSUMED)
    ahead = {name: at.astimezone(ZoneInfo(name)).utcoffset() or timedelta() for name in names}
    latest = max(names, key=lambda name: ahead[name])
    return Zone(latest, COUNTRY if len(set(ahead.values())) == 1 else ASSUMED)

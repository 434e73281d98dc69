"""A warehouse: its calendar, its aisles, its pickers, and when a count wants a second look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from wms.bins.place import CODE_MAX, Place, PlaceKind, is_code
from wms.error import Refused

NAME_MAX = 200
POSTAL_CODE_MAX = 20
NUMBER_MAX = 10**9
CROSS_AISLES_MAX = 50
AISLE_PITCH_MM = 4_000
END_OF_AISLE_MM = 1_000
LEAST = {
    "aisles": 1,
    "aisle_length_mm": 1,
    "aisle_pitch_mm": 1,
    "depot_aisle": 0,
    "aisle_width_mm": 0,
    "pickers": 0,
    "lines_per_picker_hour": 1,
    "count_review_minor": 0,
}


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse as it is entered; lengths in mm.

    With one aisle and no bins it has not been measured yet: its first bins say how large it is.
    Walks begin at the front of `depot_aisle` and end there, or at `drop_aisle` where one is told.
    `cross_aisles_mm` are the ways across between front and back; `aisle_width_mm` is what a step
    from one rack of an aisle to the other costs.
    `country` and `subdivision` (ISO 3166, as DE and BY) say which holidays it keeps.
    Orders go to the nearest warehouse, by its position, or by its country and `postal_code`.
    Variances of a count worth more than `count_review_minor` wait for a planner.

    Raises:
        Refused: `bad_warehouse`, naming the field; `bad_time_zone`.
    """

    code: str
    name: str
    time_zone: str = "UTC"
    aisles: int = 1
    aisle_length_mm: int = END_OF_AISLE_MM
    aisle_pitch_mm: int = AISLE_PITCH_MM
    depot_aisle: int = 0
    latitude: float = 0.0
    longitude: float = 0.0
    pickers: int = 0
    lines_per_picker_hour: int = 100
    count_review_minor: int = 5_000
    cross_aisles_mm: Sequence[int] = ()
    aisle_width_mm: int = 0
    drop_aisle: int | None = None
    drop_at_back: bool = False
    country: str = ""
    subdivision: str = ""
    postal_code: str = ""

    def __post_init__(self) -> None:
        if not is_code(self.code):
            raise Refused(
                "bad_warehouse", f"A code has 1 to {CODE_MAX} printable characters.", "/code"
            )
        if not self.name.strip() or len(self.name) > NAME_MAX or not self.name.isprintable():
            raise Refused("bad_warehouse", f"A name has 1 to {NAME_MAX} characters.", "/name")
        for field, least in LEAST.items():
            if not least <= getattr(self, field) <= NUMBER_MAX:
                raise Refused(
                    "bad_warehouse", f"{field} lies between {least} and {NUMBER_MAX}.", f"/{field}"
                )
        if self.depot_aisle >= self.aisles:
            raise Refused("bad_warehouse", "The depot stands at one of the aisles.", "/depot_aisle")
        if self.drop_aisle is not None and not 0 <= self.drop_aisle < self.aisles:
            raise Refused("bad_warehouse", "Walks end at one of the aisles.", "/drop_aisle")
        edges = (0, *self.cross_aisles_mm, self.aisle_length_mm)
        if any(high <= low for low, high in pairwise(edges)):
            raise Refused(
                "bad_warehouse",
                "Cross aisles lie between front and back, the nearest to the front first.",
                "/cross_aisles_mm",
            )
        if len(self.cross_aisles_mm) > CROSS_AISLES_MAX:
            raise Refused(
                "bad_warehouse", f"At most {CROSS_AISLES_MAX} cross aisles.", "/cross_aisles_mm"
            )
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise Refused("bad_warehouse", "There is no such place on Earth.", "/latitude")
        if not is_time_zone(self.time_zone):
            raise bad_time_zone(self.time_zone)
        if not re.fullmatch(r"(?:[A-Z]{2})?", self.country):
            raise Refused("bad_warehouse", "A country has two letters, as DE.", "/country")
        if len(self.postal_code) > POSTAL_CODE_MAX or not self.postal_code.isprintable():
            raise Refused(
                "bad_warehouse",
                f"A postal code has at most {POSTAL_CODE_MAX} characters.",
                "/postal_code",
            )
        if not re.fullmatch(r"[A-Z0-9]{0,3}", self.subdivision):
            raise Refused("bad_warehouse", "A subdivision is a code, as BY.", "/subdivision")


@dataclass(frozen=True, slots=True)
class Layout:
    """One block of parallel aisles, as large as its bins say."""

    aisles: int
    aisle_length_mm: int
    aisle_pitch_mm: int


def layout_of(places: list[Place]) -> Layout:
    """The least block that holds these bins."""
    found = [place for place in places if place.kind is PlaceKind.BIN]
    deepest = max((place.y_mm or 0 for place in found), default=0)
    pitches = [place.x_mm // place.aisle for place in found if place.x_mm and place.aisle]
    return Layout(
        1 + max((place.aisle or 0 for place in found), default=0),
        deepest + END_OF_AISLE_MM,
        min((pitch for pitch in pitches if pitch > 0), default=AISLE_PITCH_MM),
    )


def is_time_zone(name: str) -> bool:
    """Whether the zone database has a zone of that name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # An unknown name, a path out of the database, or one of its folders.
        return False
    return True


def bad_time_zone(name: str) -> Refused:
    """The refusal of a zone that is none, or that the database does not know."""
    return Refused(
        "bad_time_zone", f"{name!r} is no time zone; one is Europe/Berlin.", "/time_zone"
    )

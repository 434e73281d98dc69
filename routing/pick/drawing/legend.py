"""What stands around a drawn floor: doors, drops, the legend and the scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from routing.pick.drawing.ground import clear_mm
from routing.pick.drawing.ink import ink_of
from routing.pick.drawing.lane import Place
from routing.pick.drawing.sheet import Sheet, number
from routing.pick.drawing.stroke import outline_of
from routing.pick.floor.layout import Layout, Point
from routing.pick.floor.walkway import Walkways

# A place, and whether it is at the back.
End = tuple[Point, bool]
LEGEND = 250.0
DARK = "#1d2b28"
# A line of the legend holds about so many letters.
LETTERS = 34


@dataclass(frozen=True, slots=True)
class Row:
    """A walk in the legend."""

    name: str
    note: str
    distance_mm: int
    stops: int

    @property
    def height(self) -> float:
        """How much of the sheet it takes."""
        return 52.0 if self.note else 38.0


def metres(mm: int) -> str:
    """A length in metres: to the decimetre below 100 m."""
    if mm < 100_000:
        return f"{mm / 1000:.1f} m"
    return f"{mm / 1000:,.0f} m".replace(",", "\u2009")


def draw_legend(sheet: Sheet, rows: Sequence[Row]) -> Iterator[str]:
    """Each walk's line and mark with its name, length and stops."""
    x, y = sheet.right + 30, sheet.top + 4
    for at, row in enumerate(rows):
        ink = ink_of(at)
        dash = f' stroke-dasharray="{ink.dash}"' if ink.dash else ""
        look = (
            f'fill="{"#fff" if ink.hollow else ink.colour}" stroke="{ink.colour}" '
            f'stroke-width="1.2"'
        )
        yield (
            f'<path d="M{number(x)} {number(y + 8)}h44" stroke="{ink.colour}" '
            f'stroke-width="2.6"{dash}/>{outline_of((x + 22, y + 8), 6, ink.shape, look)}'
            f'<text x="{number(x + 56)}" y="{number(y + 8)}" class="name">'
            f"{escape(_shortened(row.name))}</text>"
            f'<text x="{number(x + 56)}" y="{number(y + 23)}" class="soft">'
            f"{metres(row.distance_mm)} · {row.stops} {'stop' if row.stops == 1 else 'stops'}"
            f"</text>"
        )
        if row.note:
            yield (
                f'<text x="{number(x + 56)}" y="{number(y + 37)}" class="soft">'
                f"<title>{escape(row.note)}</title>{escape(_shortened(row.note))}</text>"
            )
        y += row.height


def _shortened(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip(" ,") + "…"


def draw_doors(sheet: Sheet, floor: Layout | Walkways) -> Iterator[str]:
    """Where walks begin and end: a door is dark, a drop of its own is white."""
    if isinstance(floor, Layout):
        doors = {(floor.point_of(door), door.at_back) for door in floor.starts}
        drops = {(floor.point_of(door), door.at_back) for door in floor.drops}
        far_mm = clear_mm(floor)
        for (point, at_back), told in _ends(doors, drops):
            yield _tag(sheet, point, told, (-far_mm if not at_back else far_mm))
        return
    places = [{(floor.points[node], False) for node in ends} for ends in (floor.doors, floor.drops)]
    for (point, _), told in _ends(*places):
        yield _tag(sheet, point, told, -30 / sheet.scale)


def _ends(doors: set[End], drops: set[End]) -> Iterator[tuple[End, str]]:
    for place in sorted(doors | drops, key=str):
        both = place in doors and (place in drops or not drops)
        yield place, "start · end" if both else "start" if place in doors else "end"


def _tag(sheet: Sheet, point: Place, told: str, away_mm: float) -> str:
    x, y = sheet.at(point)
    _, v = sheet.at((point[0], point[1] + away_mm))
    # At the back, the aisle's number stands between the floor and the tag.
    middle = v + 15 if away_mm < 0 else v - 36
    until = middle if away_mm < 0 else v
    width = 7.2 * len(told) + 16
    fill, text = (DARK, "#fff") if told.startswith("start") else ("#fff", DARK)
    return (
        f'<path d="M{number(x)} {number(y)}V{number(until)}" stroke="{DARK}" '
        f'stroke-width="1.4" stroke-dasharray="2 2.4"/>'
        f'<rect x="{number(x - width / 2)}" y="{number(middle - 10)}" rx="5" height="20" '
        f'width="{number(width)}" fill="{fill}" stroke="{DARK}" stroke-width="1.2"/>'
        f'<text x="{number(x)}" y="{number(middle + 4)}" text-anchor="middle" fill="{text}" '
        f'font-weight="600">{told}</text>'
    )


def draw_scale(sheet: Sheet) -> Iterator[str]:
    """A bar of a round length."""
    fitting = [
        figure * 10**power
        for power in range(8)
        for figure in (1, 2, 5)
        if figure * 10**power * sheet.scale <= 150
    ]
    mm = max(fitting, default=1)
    x, y, size = sheet.left, sheet.bottom + 66, mm * sheet.scale
    told = f"{mm // 1000} m" if mm >= 1000 else f"{mm} mm"
    yield (
        f'<path d="M{number(x)} {number(y - 5)}v5h{number(size)}v-5" fill="none" '
        f'stroke="{DARK}" stroke-width="1.4"/>'
        f'<text x="{number(x + size + 8)}" y="{number(y)}" class="soft">{told}, to scale</text>'
    )

"""Lines, arrows and marks as SVG."""

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, pi, sin

from routing.pick.drawing.ink import Ink, Shape
from routing.pick.drawing.lane import Place
from routing.pick.drawing.sheet import number, polygon

ROUNDING = 5.0
ARROW_EVERY, ARROW_LEG_LEAST = 150.0, 22.0
# Above so many figures a number is set smaller, to stay inside its mark.
FIGURES = {1: 1.28, 2: 1.12, 3: 0.84}


def draw_line(parts: Sequence[tuple[Place, Place]], ink: Ink, stroke: float) -> str:
    """A walk's line with round corners, on a white edge that parts it from what it crosses."""
    path = _rounded([parts[0][0], *(end for a, b in parts for end in (a, b))])
    dash = f' stroke-dasharray="{ink.dash}"' if ink.dash else ""
    join = 'fill="none" stroke-linejoin="round"'
    return (
        f'<path d="{path}" stroke="#fff" stroke-width="{number(stroke + 1.8)}" {join}/>'
        f'<path d="{path}" stroke="{ink.colour}" stroke-width="{number(stroke)}" {join}{dash}/>'
    )


def _rounded(places: Sequence[Place]) -> str:
    corners = [places[0]]
    corners += [b for a, b in pairwise(places) if hypot(b[0] - a[0], b[1] - a[1]) > 0.05]
    said = [f"M{_pair(corners[0])}"]
    for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
        near, far = _towards(here, before), _towards(here, after)
        said.append(f"L{_pair(near)}Q{_pair(here)} {_pair(far)}")
    said.append(f"L{_pair(corners[-1])}")
    return "".join(said)


def _towards(here: Place, there: Place) -> Place:
    size = hypot(there[0] - here[0], there[1] - here[1])
    share = min(ROUNDING, size / 2) / size
    return here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share


def _pair(place: Place) -> str:
    return f"{number(place[0])} {number(place[1])}"


def draw_arrows(parts: Sequence[tuple[Place, Place]], ink: Ink, stroke: float) -> str:
    """Heads along the walk that say which way it goes."""
    size = 4.2 + 1.5 * stroke
    heads: list[str] = []
    for (x, y), (u, v) in parts:
        length = hypot(u - x, v - y)
        if length < ARROW_LEG_LEAST:
            continue
        along = ((u - x) / length, (v - y) / length)
        count = max(1, round(length / ARROW_EVERY))
        for at in range(count):
            share = (at + 0.5) / count
            heads.append(_head((x + (u - x) * share, y + (v - y) * share), along, size))
    return f'<path d="{"".join(heads)}" fill="{ink.colour}" stroke="#fff" stroke-width="0.7"/>'


def _head(middle: Place, along: Place, size: float) -> str:
    (x, y), (u, v) = middle, along
    tip = (x + u * size * 0.6, y + v * size * 0.6)
    back = x - u * size * 0.6, y - v * size * 0.6
    wings = [(back[0] - v * size * way, back[1] + u * size * way) for way in (0.55, -0.55)]
    return "M" + polygon([tip, *wings]).replace(" ", "L") + "Z"


def draw_mark(place: Place, radius: float, told: int, ink: Ink, title: str) -> str:
    """A stop's mark with its number in walking order."""
    fill, text = ("#fff", ink.colour) if ink.hollow else (ink.colour, "#fff")
    outline = f'fill="{fill}" stroke="{ink.colour if ink.hollow else "#fff"}" stroke-width="1.2"'
    parts = [f"<g><title>{title}</title>{outline_of(place, radius, ink.shape, outline)}"]
    if radius >= 3.5:
        size = radius * FIGURES.get(len(str(told)), 0.66)
        x, y = place
        parts.append(
            f'<text x="{number(x)}" y="{number(y + size * 0.36)}" font-size="{number(size)}" '
            f'font-weight="700" text-anchor="middle" fill="{text}">{told}</text>'
        )
    return "".join(parts) + "</g>"


def outline_of(place: Place, radius: float, shape: Shape, look: str) -> str:
    """The outline of a mark, each shape as large as the others to the eye."""
    x, y = place
    if shape is Shape.CIRCLE:
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" {look}/>'
    if shape is Shape.SQUARE:
        half = radius * 0.92
        return (
            f'<rect x="{number(x - half)}" y="{number(y - half)}" width="{number(2 * half)}" '
            f'height="{number(2 * half)}" rx="{number(radius * 0.22)}" {look}/>'
        )
    corners, size, turn = (4, 1.18, 0.0) if shape is Shape.DIAMOND else (6, 1.08, pi / 6)
    angles = [turn + 2 * pi * at / corners for at in range(corners)]
    places = [(x + cos(a) * radius * size, y + sin(a) * radius * size) for a in angles]
    return f'<polygon points="{polygon(places)}" {look}/>'

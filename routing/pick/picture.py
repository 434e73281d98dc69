"""A floor with its walks, drawn as SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from routing.pick.drawing.ground import LEFT, clear_mm, draw_ground, sheet_of
from routing.pick.drawing.ink import Ink, ink_of
from routing.pick.drawing.lane import Leg, Place, corners_of, lanes_of, legs_of, nearest
from routing.pick.drawing.legend import LEGEND, Row, draw_doors, draw_legend, draw_scale, metres
from routing.pick.drawing.mark import Mark, Marks, leg_at, place_marks
from routing.pick.drawing.sheet import Sheet, number
from routing.pick.drawing.stroke import draw_arrows, draw_line, draw_mark
from routing.pick.floor.layout import Layout, NodeStop, Point, Stop
from routing.pick.floor.walkway import Walkways
from routing.pick.tour.plan import Tour

LANE_MOST, STROKE_MOST = 5.6, 2.4
FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk as it is drawn: its legs, and how far each lies beside its line, in mm."""

    name: str
    note: str
    tour: Tour
    stops: tuple[Stop | NodeStop, ...]
    legs: list[Leg]
    beside_mm: list[float]
    ink: Ink


def draw_tours(
    floor: Layout | Walkways,
    stops_of_each: Sequence[Sequence[Stop | NodeStop]],
    tours: Sequence[Tour],
    *,
    names: Sequence[str] = (),
    notes: Sequence[str] = (),
    title: str = "Picker walks",
) -> str:
    """The floor to scale with every tour on it, as one SVG document that needs nothing else.

    stops_of_each: the stops that a tour's visits index, for each tour. names, notes: what the
    legend says of each walk, by default `Cart 1`, `Cart 2` and so on.

    Raises: ValueError when nobody knows where the nodes of the walkways are, or the numbers of
    tours, stops, names or notes differ.
    """
    names = names or [f"Cart {at}" for at in range(1, len(tours) + 1)]
    notes = notes or [""] * len(tours)
    if not len(stops_of_each) == len(tours) == len(names) == len(notes):
        raise ValueError("each tour needs its stops, and its name and note where some are given")
    sheet = sheet_of(floor)
    paths = [legs_of(_path_of(floor, tour)) for tour in tours]
    beside, stroke = _beside(sheet, floor, paths)
    walks = [
        Walk(
            names[at],
            notes[at],
            tour,
            tuple(stops_of_each[at][visit] for visit in tour.visits),
            paths[at],
            beside[at],
            ink_of(at),
        )
        for at, tour in enumerate(tours)
    ]
    marks = place_marks(sheet, floor, [walk.stops for walk in walks])
    rows = [Row(walk.name, walk.note, walk.tour.distance_mm, len(walk.stops)) for walk in walks]
    width = max(sheet.right + 30 + LEGEND, 620.0)
    height = max(sheet.bottom + 96, sheet.top + 60 + sum(row.height for row in rows))
    body = [
        *draw_ground(sheet, floor),
        *(part for walk in walks for part in _draw_walk(sheet, walk, stroke)),
        *draw_doors(sheet, floor),
        *_draw_marks(sheet, floor, walks, marks),
        *draw_scale(sheet),
        *draw_legend(sheet, rows),
    ]
    return _document(title, _told(walks), width, height, body)


def _path_of(floor: Layout | Walkways, tour: Tour) -> tuple[Point, ...]:
    """The corners of a walk; in an aisle, those on its middle."""
    if isinstance(floor, Layout):
        pitch_mm = floor.aisle_pitch_mm
        aisles = [(x + pitch_mm // 2) // pitch_mm for x, _ in tour.path]
        corners = [(a * pitch_mm, y) for a, (_, y) in zip(aisles, tour.path, strict=True)]
        return tuple(_squared(corners))
    return tour.path or tuple(floor.points[node] for node in tour.nodes)


def _squared(corners: Sequence[Point]) -> Iterator[Point]:
    """The corners, with one more where a walk follows the ends of aisles of unequal length."""
    for here, there in pairwise(corners):
        yield here
        if here[0] != there[0] and here[1] != there[1]:
            yield min(here, there, key=lambda point: point[1])[0], max(here[1], there[1])
    yield from corners[-1:]


def _beside(
    sheet: Sheet, floor: Layout | Walkways, paths: Sequence[list[Leg]]
) -> tuple[list[list[float]], float]:
    """How far each leg lies beside its line in mm, and how thick the lines are on the sheet."""
    room = clear_mm(floor) * sheet.scale if isinstance(floor, Layout) else 22.0
    lanes = lanes_of(paths, 6 / sheet.scale)
    most = max((lane.lanes for legs in lanes for lane in legs), default=1)
    apart = min(LANE_MOST, room / (most + 0.4))
    beside = [[lane.beside * apart / sheet.scale for lane in legs] for legs in lanes]
    return beside, max(0.8, min(STROKE_MOST, apart * 0.62))


def _draw_walk(sheet: Sheet, walk: Walk, stroke: float) -> Iterator[str]:
    told = escape(f"{walk.name}: {metres(walk.tour.distance_mm)}, {len(walk.stops)} stops")
    ends = corners_of(walk.legs, walk.beside_mm)
    parts = [(sheet.at(a), sheet.at(b)) for a, b in ends]
    yield f'<g class="walk"><title>{told}</title>'
    if parts:
        yield draw_line(parts, walk.ink, stroke)
        yield draw_arrows(parts, walk.ink, stroke)
    yield "</g>"


def _draw_marks(
    sheet: Sheet, floor: Layout | Walkways, walks: Sequence[Walk], marks: Marks
) -> Iterator[str]:
    """First what leads to the marks, then the marks, so that none is crossed."""
    if isinstance(floor, Layout):
        spots: list[list[Point]] = [[] for _ in walks]
        for mark, _ in sorted(marks.places, key=lambda placed: placed[0].number):
            spots[mark.walk].append(mark.spot)
        anchors = [_anchors(walk, own) for walk, own in zip(walks, spots, strict=True)]
        for mark, (x, y) in marks.places:
            u, v = sheet.at(anchors[mark.walk][mark.number - 1])
            colour = walks[mark.walk].ink.colour
            yield (
                f'<path d="M{number(u)} {number(v)}L{number(x)} {number(y)}" stroke="{colour}" '
                f'stroke-width="0.9" opacity="0.75"/>'
                f'<circle cx="{number(u)}" cy="{number(v)}" r="1.9" fill="{colour}"/>'
            )
    for mark, place in marks.places:
        yield draw_mark(
            place, marks.radius, mark.number, walks[mark.walk].ink, _say(walks[mark.walk], mark)
        )


def _anchors(walk: Walk, spots: Sequence[Point]) -> list[Place]:
    """Where on its walk each stop is taken, in mm."""
    drawn = corners_of(walk.legs, walk.beside_mm)
    found: list[Place] = []
    at = 0
    for spot in spots:
        leg = leg_at(walk.legs, spot, at)
        if leg is None:
            found.append(spot)
            continue
        at = leg
        found.append(nearest(spot, *drawn[leg]))
    return found


def _say(walk: Walk, mark: Mark) -> str:
    stop = walk.stops[mark.number - 1]
    where = (
        f"aisle {stop.aisle}, {metres(stop.position_mm)}, {stop.side}"
        if isinstance(stop, Stop)
        else f"node {stop.node}"
    )
    return escape(f"{walk.name}, stop {mark.number}: {where}")


def _told(walks: Sequence[Walk]) -> str:
    total_mm = sum(walk.tour.distance_mm for walk in walks)
    stops = sum(len(walk.stops) for walk in walks)
    count = "1 walk" if len(walks) == 1 else f"{len(walks)} walks"
    return f"{count}, {metres(total_mm)}, {stops} {'stop' if stops == 1 else 'stops'}"


def _document(title: str, told: str, width: float, height: float, body: Sequence[str]) -> str:
    size = f"{number(width)} {number(height)}"
    lines = "\n".join(body)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" \
width="{number(width)}" height="{number(height)}" font-family="{FONT}" font-size="12" \
aria-label="{escape(f"{title}: {told}")}">
<title>{escape(title)}</title>
<desc>{escape(told)}. Each line is a walk, each numbered mark a stop in walking order.</desc>
<style>.soft{{fill:#55655f}}.name{{font-weight:600;font-size:13px}}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="{LEFT:.0f}" y="46" font-size="22" font-weight="700">{escape(title)}</text>
<text x="{LEFT:.0f}" y="70" font-size="14" class="soft">{told}</text>
{lines}
</svg>
"""

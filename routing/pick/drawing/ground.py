"""The floor without its walks: racks, aisles and cross aisles, or walkways."""

from collections.abc import Iterator
from itertools import pairwise
from math import hypot

from routing.pick.drawing.lane import Place
from routing.pick.drawing.sheet import Sheet, number, polygon
from routing.pick.floor.layout import Layout, Point, Way
from routing.pick.floor.walkway import Arc, Walkways

# The drawing is at most so large, unless an aisle would be narrower than a walk can be seen in.
WIDTH, HEIGHT = 1040.0, 740.0
PITCH_LEAST, PITCH_MOST = 30.0, 116.0
LEFT, TOP = 44.0, 130.0
# How much of the pitch an aisle takes when its width is not known, and at most.
AISLE_SHARE, AISLE_SHARE_MOST = 0.42, 0.6
WALKWAY = 22.0
RACK, RACK_EDGE, FLOOR, HINT = "#dde3e1", "#c3ccc9", "#f4f6f5", "#b4bfbb"


def clear_mm(layout: Layout) -> float:
    """How wide an aisle is drawn."""
    pitch_mm = layout.aisle_pitch_mm
    return max(AISLE_SHARE * pitch_mm, min(layout.aisle_width_mm, AISLE_SHARE_MOST * pitch_mm))


def sheet_of(floor: Layout | Walkways) -> Sheet:
    """The sheet that a floor goes on to.

    Raises: ValueError when nobody knows where the nodes of the walkways are.
    """
    if isinstance(floor, Layout):
        pitch_mm, edge_mm = floor.aisle_pitch_mm, clear_mm(floor)
        width_mm, depth_mm = floor.aisles * pitch_mm, floor.aisle_length_mm + 2 * edge_mm
        scale = min(WIDTH / width_mm, HEIGHT / depth_mm)
        scale = min(max(scale, PITCH_LEAST / pitch_mm), PITCH_MOST / pitch_mm)
        return Sheet(scale, LEFT, TOP, width_mm, depth_mm, -pitch_mm / 2, -edge_mm)
    if not floor.points:
        raise ValueError("the walkways have no points, so nobody knows where to draw them")
    (left, right), (front, back) = (
        (min(along), max(along)) for along in zip(*floor.points, strict=True)
    )
    size = max(right - left, back - front, 1)
    scale = min((WIDTH - 90) / size, (HEIGHT - 90) / size)
    edge_mm = 45 / scale
    width_mm, depth_mm = right - left + 2 * edge_mm, back - front + 2 * edge_mm
    return Sheet(scale, LEFT, TOP, width_mm, depth_mm, left - edge_mm, front - edge_mm)


def draw_ground(sheet: Sheet, floor: Layout | Walkways) -> Iterator[str]:
    """What stands on the floor, as SVG."""
    yield (
        f'<rect x="{number(sheet.left)}" y="{number(sheet.top)}" rx="6" fill="{FLOOR}" '
        f'width="{number(sheet.width_mm * sheet.scale)}" '
        f'height="{number(sheet.depth_mm * sheet.scale)}"/>'
    )
    if isinstance(floor, Walkways):
        yield from _draw_walkways(sheet, floor)
        return
    boxes = "".join(_box(sheet, *box) for box in racks_of(floor))
    yield f'<path d="{boxes}" fill="{RACK}" stroke="{RACK_EDGE}" stroke-width="0.8"/>'
    yield from _draw_ways(sheet, floor)
    yield from _draw_aisle_numbers(sheet, floor)


def racks_of(layout: Layout) -> Iterator[tuple[float, float, float, float]]:
    """Every rack as left, right, front and back in mm; cross aisles part them."""
    pitch_mm, half_mm = layout.aisle_pitch_mm, clear_mm(layout) / 2
    for aisle in range(layout.aisles):
        length_mm = layout.length_of(aisle)
        inner = [y for y in layout.cross_aisles_mm if y < length_mm]
        middle = aisle * pitch_mm
        for low, high in pairwise((0, *inner, length_mm)):
            lip_mm = min(half_mm, 0.15 * (high - low))
            for near, far in ((-pitch_mm / 2, -half_mm), (half_mm, pitch_mm / 2)):
                yield middle + near, middle + far, low + lip_mm, high - lip_mm


def _box(sheet: Sheet, left: float, right: float, front: float, back: float) -> str:
    (x, y), (u, v) = sheet.at((left, back)), sheet.at((right, front))
    return f"M{number(x)} {number(y)}H{number(u)}V{number(v)}H{number(x)}Z"


def _draw_ways(sheet: Sheet, layout: Layout) -> Iterator[str]:
    """Pale arrows along the aisles that are walked one way only."""
    for aisle, way in enumerate(layout.ways):
        if way is Way.BOTH:
            continue
        x = aisle * layout.aisle_pitch_mm
        front, back = (x, 0), (x, layout.length_of(aisle))
        a, b = (front, back) if way is Way.UP else (back, front)
        yield _hints(sheet, a, b, 64.0)


def _hints(sheet: Sheet, a: Point, b: Point, every: float) -> str:
    (x, y), (u, v) = sheet.at(a), sheet.at(b)
    size = hypot(u - x, v - y) or 1.0
    along = (u - x) / size, (v - y) / size
    count = max(1, int(size / every))
    marks = []
    for k in range(count):
        share = (k + 0.5) / count
        marks.append(_chevron((x + (u - x) * share, y + (v - y) * share), along))
    return (
        f'<path d="{"".join(marks)}" fill="none" stroke="{HINT}" stroke-width="2.4" '
        f'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _chevron(tip: Place, along: Place) -> str:
    (x, y), (u, v) = tip, along
    left = x - 5 * u - 7 * v, y - 5 * v + 7 * u
    right = x - 5 * u + 7 * v, y - 5 * v - 7 * u
    return "M" + "L".join(f"{number(a)} {number(b)}" for a, b in (left, tip, right))


def _draw_aisle_numbers(sheet: Sheet, layout: Layout) -> Iterator[str]:
    every = max(1, round(24 / (layout.aisle_pitch_mm * sheet.scale)))
    for aisle in range(0, layout.aisles, every):
        x, _ = sheet.at((aisle * layout.aisle_pitch_mm, 0))
        yield (
            f'<text x="{number(x)}" y="{number(sheet.top - 9)}" class="soft" '
            f'text-anchor="middle">{aisle}</text>'
        )


def _draw_walkways(sheet: Sheet, walkways: Walkways) -> Iterator[str]:
    strokes = "".join(_stroke(sheet, walkways, arc) for arc in walkways.arcs)
    for colour, width in ((RACK_EDGE, WALKWAY + 2), ("#ffffff", WALKWAY)):
        yield f'<path d="{strokes}" stroke="{colour}" stroke-width="{width}" {ROUND}/>'
    for arc in walkways.arcs:
        if arc.one_way:
            yield _hints(sheet, walkways.points[arc.a], walkways.points[arc.b], 90.0)


ROUND = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'


def _stroke(sheet: Sheet, walkways: Walkways, arc: Arc) -> str:
    ends = polygon([sheet.at(walkways.points[node]) for node in (arc.a, arc.b)])
    return "M" + ends.replace(" ", "L")

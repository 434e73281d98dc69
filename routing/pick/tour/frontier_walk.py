"""From the steps of a sweep to the walk itself: its edges, one trail over them, its points."""

import numpy as np

from routing.kernel import kernel
from routing.pick.tour.frontier import (
    RIGHT,
    Ground,
    Levels,
    Program,
    levels_of,
    program_of,
    sweep,
    trace,
)
from routing.pick.tour.frontier_states import GAP, LOWER, ONCE, SKIP, UPPER, Ints
from routing.pick.tour.ladder import FAR, climb, climb_down, new_ladder


@kernel
def _add(edges: Ints, count: int, a: int, b: int, times: int) -> int:
    if times == 0:
        return count
    edges[count] = a, b, times
    return count + 1


@kernel
def _line_edges(
    mm: Ints, low: int, first: int, high: int, way: int, edges: Ints, count: int
) -> int:
    """The edges of a way through a stretch between corners low and high; first: its first level."""
    levels = mm.shape[0]
    begin, end, left_out = -1, levels, levels
    if way == LOWER:
        end = levels - 1
    elif way == UPPER:
        begin = 0
    elif way == GAP:
        left_out = 0
        for k in range(1, levels - 1):
            if mm[k + 1] - mm[k] > mm[left_out + 1] - mm[left_out]:
                left_out = k
    for k in range(begin, end):
        if k != left_out or way != GAP or levels < 2:
            a = low if k < 0 else first + 2 * k
            b = high if k + 1 == levels else first + 2 * (k + 1)
            count = _add(edges, count, a, b, 1 if way == ONCE else 2)
    return count


@kernel
def _ladder_edges(
    mm: Ints,
    racks: Ints,
    ends: tuple[int, int, int, int, int],
    way: int,
    width_mm: int,
    edges: Ints,
    count: int,
) -> int:
    """As `_line_edges`, in two lanes; ends: the corners' nodes and places, and the first level."""
    low, high, low_mm, high_mm, first = ends
    levels = mm.shape[0]
    came = new_ladder(levels)
    cost = climb(mm, racks, low_mm, high_mm, width_mm, came)
    rungs, rises = np.empty(levels, np.int64), np.empty(levels + 1, np.int64)
    climb_down(cost, came, levels, way, rungs, rises)
    for k in range(levels + 1):
        for lane in range(2):
            a = low if k == 0 else first + 2 * (k - 1) + lane
            b = high if k == levels else first + 2 * k + lane
            count = _add(edges, count, a, b, rises[k] // 3 if lane == 0 else rises[k] % 3)
        if k < levels:
            count = _add(edges, count, first + 2 * k, first + 2 * k + 1, rungs[k])
    return count


@kernel
def edges_of(ground: Ground, levels: Levels, program: Program, ways: Ints) -> Ints:
    """The edges of the walk: both nodes, and how often it is walked.

    Nodes are the corners, row by row, then two a level: for the left and the right lane, or the
    first for both where aisles have no width.
    """
    aisles, corners = ground.corner_mm.shape
    nodes, count = aisles * corners, int(np.int64(0))
    edges = np.empty((3 * nodes + 3 * levels.mm.shape[0], 3), np.int64)
    for step in range(ways.shape[0]):
        kind, aisle, way = program.kind[step], program.aisle[step], ways[step]
        if kind >= 2 * corners - 1:
            continue
        corner = aisle * corners + kind
        if kind >= corners - 1:
            corner -= corners - 1
            count = _add(edges, count, corner, corner + corners, way)
            continue
        from_level, to_level = program.levels[step]
        if way == SKIP:
            continue
        mm, first = levels.mm[from_level:to_level], nodes + 2 * from_level
        if ground.width_mm == 0 or from_level == to_level:
            count = _line_edges(mm, corner, first, corner + 1, way, edges, count)
            continue
        low_mm, high_mm = ground.corner_mm[aisle, kind], ground.corner_mm[aisle, kind + 1]
        ends = (corner, corner + 1, low_mm, high_mm, first)
        racks = levels.racks[from_level:to_level]
        count = _ladder_edges(mm, racks, ends, way, ground.width_mm, edges, count)
    return edges[:count]


@kernel
def places_of(ground: Ground, levels: Levels) -> Ints:
    """Where each node is, x and y in mm, and 1 where that is in a lane beside the middle."""
    aisles, corners = ground.corner_mm.shape
    nodes = aisles * corners
    places = np.zeros((nodes + 2 * levels.mm.shape[0], 3), np.int64)
    for node in range(nodes):
        aisle = node // corners
        places[node, 0] = aisle * ground.pitch_mm
        places[node, 1] = ground.corner_mm[aisle, node % corners]
    for level in range(levels.mm.shape[0]):
        aisle, mm = levels.aisle[level], levels.mm[level]
        beside = ground.width_mm > 0 and mm not in ground.corner_mm[aisle]
        for lane in range(2):
            place = places[nodes + 2 * level + lane]
            place[0], place[1] = aisle * ground.pitch_mm, mm
            if beside:
                place[0] += lane * ground.width_mm - ground.width_mm // 2
                place[2] = 1
    return places


@kernel
def trail_over(edges: Ints, nodes: int, start: int) -> Ints:
    """The nodes of a walk from start over every edge as often as it is given (Hierholzer)."""
    count = edges.shape[0]
    head, after = np.full(nodes, -1, np.int64), np.empty(2 * count, np.int64)
    left = edges[:, 2].copy()
    for half in range(2 * count):
        node = edges[half // 2, half % 2]
        after[half] = head[node]
        head[node] = half
    total = left.sum()
    stack, trail = np.empty(total + 1, np.int64), np.empty(total + 1, np.int64)
    stack[0] = start
    size, at = 1, total
    while size:
        here = stack[size - 1]
        while head[here] >= 0 and left[head[here] // 2] == 0:
            head[here] = after[head[here]]
        half = head[here]
        if half < 0:
            trail[at] = here
            at -= 1
            size -= 1
            continue
        left[half // 2] -= 1
        stack[size] = edges[half // 2, 1 - half % 2]
        size += 1
    assert at == -1
    return trail


@kernel
def _levels_at_corners(ground: Ground, levels: Levels) -> tuple[Ints, Ints]:
    """For each corner the level that lies at it, or -1; for each level whether it does."""
    aisles, corners = ground.corner_mm.shape
    level_at = np.full(aisles * corners, -1, np.int64)
    is_at = np.zeros(levels.mm.shape[0], np.int64)
    for level in range(levels.mm.shape[0]):
        aisle = levels.aisle[level]
        for k in range(corners):
            if ground.corner_mm[aisle, k] == levels.mm[level]:
                level_at[aisle * corners + k] = level
                is_at[level] = 1
    return level_at, is_at


@kernel
def visits_of(ground: Ground, levels: Levels, trail: Ints, racks: Ints, level_of: Ints) -> Ints:
    """The stops in the order in which the trail first comes to them.

    At a corner one is at both racks at once.
    """
    corners, stops = ground.corner_mm.size, level_of.shape[0]
    level_at, is_at = _levels_at_corners(ground, levels)
    waiting, following = np.full(2 * stops, -1, np.int64), np.empty(stops, np.int64)
    for stop in range(stops - 1, -1, -1):
        level = level_of[stop]
        far = ground.width_mm and racks[stop] == RIGHT and not is_at[level]
        place = 2 * level + (1 if far else 0)
        following[stop] = waiting[place]
        waiting[place] = stop
    visits, count = np.empty(stops, np.int64), 0
    for node in trail:
        place = node - corners if node >= corners else 2 * level_at[node]
        if place >= 0 and is_at[place // 2]:
            place -= place % 2
        if place < 0:
            continue
        stop = waiting[place]
        waiting[place] = -1
        while stop >= 0:
            visits[count] = stop
            count += 1
            stop = following[stop]
    assert count == stops
    return visits


@kernel
def _append(points: Ints, count: int, x: int, y: int, keep: bool) -> int:
    """Adds a point, in place of the last one if that lies on the straight way to it.

    keep: a last point that stands still, or on an end of a lane, is kept.
    """
    if count and points[count - 1, 0] == x and points[count - 1, 1] == y:
        return count
    if count >= 2 and not keep:
        ax, ay = points[count - 2]
        bx, by = points[count - 1]
        on = (bx - ax) * (x - bx) + (by - ay) * (y - by)
        if on > 0 and ((ax == bx and bx == x) or (ay == by and by == y)):
            count -= 1
    points[count, 0], points[count, 1] = x, y
    return count + 1


@kernel
def points_of(places: Ints, trail: Ints) -> Ints:
    """The corners of the trail in mm; beside a cross aisle, lanes begin and end at its middle."""
    points, count = np.empty((3 * trail.shape[0], 2), np.int64), int(np.int64(0))
    x, y, in_lane = places[trail[0]]
    count = _append(points, count, x, y, False)
    at_end = False
    for node in trail[1:]:
        to_x, to_y, to_lane = places[node]
        if to_lane and not in_lane:
            count = _append(points, count, to_x, y, True)
        elif in_lane and not to_lane:
            count = _append(points, count, x, to_y, at_end)
        at_end = in_lane != to_lane
        count = _append(points, count, to_x, to_y, at_end and not to_lane)
        x, y, in_lane = to_x, to_y, to_lane
    return points[:count]


@kernel
def walk_on(ground: Ground, aisle: Ints, mm: Ints, racks: Ints) -> tuple[int, Ints, Ints, Ints]:
    """The shortest walk's length in mm, its visits, its nodes, and where every node is.

    aisle, mm, racks: one entry a stop, in any order. A length of FAR comes without a walk.
    """
    level_of = np.empty(aisle.shape[0], np.int64)
    levels = levels_of(aisle, mm, racks, level_of)
    places = places_of(ground, levels)
    best, best_pair = FAR, -1
    visits, trail = np.empty(0, np.int64), np.empty(0, np.int64)
    for pair in range(ground.leave.shape[0]):
        program = program_of(ground, levels, ground.leave[pair], ground.arrive[pair])
        came = np.empty((program.kind.shape[0], ground.steps.shape[1]), np.int32)
        length_mm = sweep(ground, program, came)
        if length_mm < best:
            best, best_pair = length_mm, pair
            edges = edges_of(ground, levels, program, trace(program, came))
            trail = trail_over(edges, places.shape[0], ground.leave[pair])
    if best_pair >= 0:
        visits = visits_of(ground, levels, trail, racks, level_of)
    return best, visits, trail, places

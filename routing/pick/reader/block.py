"""The head of a file of cells, and the floor that it describes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.line import Lines
from routing.pick.floor.layout import Door, Layout, NodeStop, Point, Side, Stop
from routing.pick.floor.walkway import Arc, Walkways

ROUTING = "Single_picker_routing"
BATCHING = "Order_batching"
PITCH = "DISTANCE_AISLE_TO_AISLE"
LENGTHS = (
    "DISTANCE_CELL_TO_CELL",
    "DISTANCE_TOP_TO_CELL",
    "DISTANCE_BOTTOM_TO_CELL",
    "DISTANCE_TOP_OR_BOTTOM_TO_DEPOT",
)
COUNTS = ("NUM_AISLES", "NUM_CELLS")
DEPOT = "DEPOT_AISLE"
CAPACITY = "PICKER_CAPACITY"
REMARKS = ("NAME", "COMMENT")
CHOICES = {
    "TYPE": (ROUTING, BATCHING),
    "LAYOUT": ("single-block",),
    "DEPOT_LOCATION": ("bottom", "top"),
}
COUNT_MAX = 1_000_000
NEEDED = (*CHOICES, *COUNTS, DEPOT, PITCH, *LENGTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The head of a file; lengths in mm, the capacity in thousandths of the file's unit."""

    is_batching: bool
    at_top: bool
    aisles: int
    cells: int
    depot_aisle: int
    pitch_mm: int
    cell_mm: int
    top_mm: int
    bottom_mm: int
    to_depot_mm: int
    capacity: int

    @property
    def length_mm(self) -> int:
        """From the bottom cross aisle to the top one."""
        return self.bottom_mm + (self.cells - 1) * self.cell_mm + self.top_mm

    def position_mm(self, cell: int) -> int:
        """How far a cell is from the bottom; cell 0 is the one next to the top."""
        return self.bottom_mm + (self.cells - 1 - cell) * self.cell_mm


@dataclass(frozen=True, slots=True)
class Line:
    """An article of an order, where it lies, and the mass of all its units."""

    aisle: int
    position_mm: int
    side: Side
    units: int
    mass_g: int


def read_block(lines: Lines) -> Block:
    """The head of a file up to ARTICLE_SECTION.

    Raises: ValueError with the line's number when a key is missing, unknown or makes no sense.
    """
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    while (line := lines.take("a key, or ARTICLE_SECTION")) != "ARTICLE_SECTION":
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            raise lines.refusal("KEY : value, or ARTICLE_SECTION")
        if key in texts or key in numbers:
            raise lines.refusal(f"{key} only once")
        if key in REMARKS or key in CHOICES:
            texts[key] = _chosen(lines, key, value)
        else:
            numbers[key] = _number(lines, key, value)
    needed = NEEDED + ((CAPACITY,) if texts.get("TYPE") == BATCHING else ())
    for key in needed:
        if key not in texts and key not in numbers:
            raise lines.refusal(f"{key} before the sections")
    return _block(lines, texts, numbers)


def _chosen(lines: Lines, key: str, value: str) -> str:
    if key in CHOICES and value not in CHOICES[key]:
        raise lines.refusal(f"{key} : {' or '.join(CHOICES[key])}", value)
    return value


def _number(lines: Lines, key: str, value: str) -> int:
    if key in COUNTS or key == DEPOT:
        return lines.whole(value, key, least=0 if key == DEPOT else 1, most=COUNT_MAX)
    if key in LENGTHS or key in (PITCH, CAPACITY):
        return lines.thousandths(value, key, positive=key not in LENGTHS)
    raise lines.refusal("a known key, or ARTICLE_SECTION", key)


def _block(lines: Lines, texts: dict[str, str], numbers: dict[str, int]) -> Block:
    block = Block(
        is_batching=texts["TYPE"] == BATCHING,
        at_top=texts["DEPOT_LOCATION"] == "top",
        aisles=numbers["NUM_AISLES"],
        cells=numbers["NUM_CELLS"],
        depot_aisle=numbers[DEPOT],
        pitch_mm=numbers[PITCH],
        cell_mm=numbers["DISTANCE_CELL_TO_CELL"],
        top_mm=numbers["DISTANCE_TOP_TO_CELL"],
        bottom_mm=numbers["DISTANCE_BOTTOM_TO_CELL"],
        to_depot_mm=numbers["DISTANCE_TOP_OR_BOTTOM_TO_DEPOT"],
        capacity=numbers.get(CAPACITY, 0),
    )
    if block.depot_aisle >= block.aisles:
        raise lines.refusal(f"{DEPOT} below {block.aisles} above this", str(block.depot_aisle))
    if not block.length_mm:
        raise lines.refusal("aisles longer than 0 above this", "0")
    return block


def floor_of(
    block: Block, orders: Sequence[Sequence[Line]]
) -> tuple[Layout | Walkways, list[tuple[Stop | NodeStop, ...]]]:
    """The floor, and each order's stops on it.

    A depot that lies beside its cross aisle makes it a graph: a layout's doors are at the ends of
    aisles.
    """
    if block.to_depot_mm:
        return _graph(block, orders)
    layout = Layout(
        block.aisles,
        block.length_mm,
        block.pitch_mm,
        block.depot_aisle,
        doors=(Door(block.depot_aisle, at_back=True),) if block.at_top else (),
    )
    return layout, [
        tuple(
            Stop(line.aisle, line.position_mm, line.side, units=line.units, mass_g=line.mass_g)
            for line in order
        )
        for order in orders
    ]


def _graph(
    block: Block, orders: Sequence[Sequence[Line]]
) -> tuple[Walkways, list[tuple[Stop | NodeStop, ...]]]:
    """A node for the depot, then one for each end of an aisle and each place to pick from."""
    places = {(line.aisle, line.position_mm) for order in orders for line in order}
    ends = {(aisle, mm) for aisle in range(block.aisles) for mm in (0, block.length_mm)}
    spots = sorted(places | ends)
    nodes = {spot: number for number, spot in enumerate(spots, start=1)}
    arcs = [Arc(nodes[a], nodes[b], b[1] - a[1]) for a, b in pairwise(spots) if a[0] == b[0]]
    arcs += [
        Arc(nodes[aisle, mm], nodes[aisle + 1, mm], block.pitch_mm)
        for aisle in range(block.aisles - 1)
        for mm in (0, block.length_mm)
    ]
    gate = (block.depot_aisle, block.length_mm if block.at_top else 0)
    arcs.append(Arc(0, nodes[gate], block.to_depot_mm))
    beside_mm = block.length_mm + block.to_depot_mm if block.at_top else -block.to_depot_mm
    depot: Point = (block.depot_aisle * block.pitch_mm, beside_mm)
    points = (depot, *((aisle * block.pitch_mm, mm) for aisle, mm in spots))
    stops: list[tuple[Stop | NodeStop, ...]] = [
        tuple(
            NodeStop(nodes[line.aisle, line.position_mm], units=line.units, mass_g=line.mass_g)
            for line in order
        )
        for order in orders
    ]
    return Walkways(len(points), tuple(arcs), (0,), points=points), stops

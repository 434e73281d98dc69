"""The heads and sections of a VRPLIB text, before anything is made of them.

Source: G. Reinelt (1991), TSPLIB 95; CVRPLIB's and PyVRP's additions for fleets and depots.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from routing.delivery.reader.instance import Floats
from routing.line import Lines

LARGE = 1e9
NODES_MAX = 100_000
WORDS = ("NAME", "COMMENT", "TYPE", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE")
NUMBERS = (
    "DIMENSION",
    "CAPACITY",
    "VEHICLES",
    "SERVICE_TIME",
    "DISTANCE",
    "VEHICLES_MAX_DURATION",
    "VEHICLES_MAX_DISTANCE",
    "VEHICLES_MAX_RELOADS",
    "VEHICLES_FIXED_COST",
    "VEHICLES_UNIT_DISTANCE_COST",
)
# How many values a row of the section has after its number; None where that differs.
BY_NODE: dict[str, int] = {
    "NODE_COORD_SECTION": 2,
    "DEMAND_SECTION": 1,
    "LINEHAUL_SECTION": 1,
    "BACKHAUL_SECTION": 1,
    "SERVICE_TIME_SECTION": 1,
    "TIME_WINDOW_SECTION": 2,
    "PRIZE_SECTION": 1,
}
BY_VEHICLE = (
    "CAPACITY_SECTION",
    "VEHICLES_FIXED_COST_SECTION",
    "VEHICLES_UNIT_DISTANCE_COST_SECTION",
    "VEHICLES_DEPOT_SECTION",
    "VEHICLES_MAX_DURATION_SECTION",
    "VEHICLES_MAX_DISTANCE_SECTION",
    "VEHICLES_MAX_RELOADS_SECTION",
    "VEHICLES_RELOAD_DEPOT_SECTION",
    "VEHICLES_ALLOWED_CLIENTS_SECTION",
)
# Sections whose numbers may lie below 0.
SIGNED = ("NODE_COORD_SECTION",)


@dataclass(slots=True)
class Sections:
    """What a text says, by the names it uses.

    nodes: (N, values) a section; vehicles: a tuple of values a vehicle; places: depots, from 1.
    """

    words: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    nodes: dict[str, Floats] = field(default_factory=dict)
    vehicles: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    depots: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    @property
    def dimension(self) -> int:
        """How many nodes there are."""
        return int(self.numbers["DIMENSION"])


def read_heads(lines: Lines) -> Sections:
    """All of a text, up to EOF or its end.

    Raises: ValueError with the line's number and what was expected there.
    """
    read = Sections()
    while lines.peek():
        head, colon, value = lines.take("a head or a section").partition(":")
        name = head.strip()
        if name == "EOF":
            lines.end()
        elif colon and name in WORDS:
            read.words[name] = value.strip().strip('"')
        elif colon and name in NUMBERS:
            read.numbers[name] = lines.number(value.strip(), name, 0, LARGE)
        elif not colon and name.endswith("_SECTION"):
            _read_section(lines, read, name)
        else:
            raise lines.refusal("a head such as DIMENSION : number, a section, or EOF")
    for name, has in (("DIMENSION", "DIMENSION" in read.numbers), ("DEPOT_SECTION", read.depots)):
        if not has:
            raise lines.missing(name)
    return read


def _read_section(lines: Lines, read: Sections, name: str) -> None:
    if not 1 <= read.numbers.get("DIMENSION", 0) <= NODES_MAX:
        raise lines.refusal(f"DIMENSION from 1 to {NODES_MAX} before any section")
    if name == "DEPOT_SECTION":
        read.depots = _depots(lines, read.dimension)
    elif name == "EDGE_WEIGHT_SECTION":
        read.weights = _weights(lines, read)
    elif name in BY_NODE:
        least = -LARGE if name in SIGNED else 0
        rows = _rows(lines, name, read.dimension, least)
        if any(len(row) != BY_NODE[name] for row in rows):
            raise lines.refusal(f"{BY_NODE[name]} values for each node in {name}")
        read.nodes[name] = np.array(rows, np.float64)
    elif name in BY_VEHICLE:
        if "VEHICLES" not in read.numbers:
            raise lines.refusal(f"VEHICLES : number before {name}")
        read.vehicles[name] = _rows(lines, name, int(read.numbers["VEHICLES"]), 0)
    else:
        raise lines.refusal("a section that we read; this one would be left out")


def _rows(lines: Lines, name: str, count: int, least: float) -> list[tuple[float, ...]]:
    rows: list[tuple[float, ...]] = []
    for at in range(1, count + 1):
        words = lines.take(f"row {at} of {count} in {name}").split()
        if len(words) < 2 or lines.whole(words[0], f"row {at} of {name}", at, at) != at:
            raise lines.refusal(f"{at} and its values in {name}")
        rows.append(
            tuple(lines.number(word, f"a value in {name}", least, LARGE) for word in words[1:])
        )
    return rows


def _depots(lines: Lines, dimension: int) -> list[int]:
    depots: list[int] = []
    while lines.peek() and not lines.peek()[0].isalpha():
        for word in lines.take("a depot").split():
            if word == "-1":
                continue
            # The first nodes are the depots: customers' numbers rest on that.
            if lines.whole(word, "a depot", 1, dimension) != len(depots) + 1:
                raise lines.refusal(f"depots to be the first nodes, so {len(depots) + 1}", word)
            depots.append(int(word))
    return depots


def _weights(lines: Lines, read: Sections) -> list[float]:
    count = read.dimension
    form = read.words.get("EDGE_WEIGHT_FORMAT", "FULL_MATRIX")
    sizes = {
        "FULL_MATRIX": count * count,
        "LOWER_ROW": count * (count - 1) // 2,
        "UPPER_ROW": count * (count - 1) // 2,
        "LOWER_DIAG_ROW": count * (count + 1) // 2,
        "UPPER_DIAG_ROW": count * (count + 1) // 2,
    }
    if form not in sizes:
        raise lines.refusal(f"EDGE_WEIGHT_FORMAT of {', '.join(sizes)}", form)
    weights: list[float] = []
    while len(weights) < sizes[form]:
        words = lines.take(f"{sizes[form]} distances, {form}, of which {len(weights)} are here")
        weights += [lines.number(word, "a distance", 0, LARGE) for word in words.split()]
    if len(weights) > sizes[form]:
        raise lines.refusal(f"{sizes[form]} distances and no more")
    return weights


def table_of(weights: list[float], form: str, count: int) -> Floats:
    """The full (N, N) table of a list of weights in this format."""
    table = np.zeros((count, count))
    shapes: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
        "LOWER_ROW": lambda: np.tril_indices(count, -1),
        "UPPER_ROW": lambda: np.triu_indices(count, 1),
        "LOWER_DIAG_ROW": lambda: np.tril_indices(count),
        "UPPER_DIAG_ROW": lambda: np.triu_indices(count),
    }
    if form == "FULL_MATRIX":
        return np.array(weights, np.float64).reshape(count, count)
    rows, columns = shapes[form]()
    table[rows, columns] = weights
    table[columns, rows] = weights
    return table

"""What files of floors as graphs have in common: headings that start with //, and numbers.

Source: the formats of Briant, Cambazard, Cattaruzza, Catusse, Ladier and Ogier.
"""

from dataclasses import dataclass

from routing.line import Lines
from routing.pick.floor.layout import NodeStop, Point
from routing.pick.floor.walkway import Arc, Walkways

COUNT_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Product:
    """Where a product lies, and the volume of one unit in thousandths of the file's unit."""

    node: int
    volume: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order's number, the numbers between it and its lines, and its lines."""

    id: str
    extras: tuple[int, ...]
    lines: tuple[tuple[Product, int], ...]

    @property
    def stops(self) -> tuple[NodeStop, ...]:
        """One a line."""
        return tuple(
            NodeStop(product.node, units=units, volume_ml=units * product.volume)
            for product, units in self.lines
        )


def heading(lines: Lines, *names: str) -> None:
    """The next line is // and one of the names; blanks and remarks in brackets do not count."""
    found = lines.take(f"//{names[0]}")
    if not _is_heading(found, names):
        raise lines.refusal(f"//{names[0]}")


def is_next(lines: Lines, *names: str) -> bool:
    """Whether the next line is a heading of one of these names."""
    return _is_heading(lines.peek(), names)


def _is_heading(line: str, names: tuple[str, ...]) -> bool:
    title = line.removeprefix("//").partition("(")[0].replace(" ", "").lower()
    known = (name.partition("(")[0].replace(" ", "").lower() for name in names)
    return line.startswith("//") and title in known


def value(lines: Lines, name: str) -> str:
    """The one word under a heading."""
    heading(lines, name)
    words = lines.take(f"a number for {name}").split()
    if len(words) != 1:
        raise lines.refusal(f"one number for {name}")
    return words[0]


def count(lines: Lines, name: str, least: int = 0) -> int:
    """The whole number under a heading; it counts nodes, orders or other things of a file."""
    return lines.whole(value(lines, name), name, least, COUNT_MAX)


def read_products(lines: Lines, products: int, columns: str, locations: int) -> dict[int, Product]:
    """The products by their number; each lies at one of the locations."""
    heading(lines, "Products")
    heading(lines, f"Idx Location {columns}")
    found: dict[int, Product] = {}
    for _ in range(products):
        expected = f"a product's number, location and {columns.lower()}"
        words = lines.take(expected).split()
        if len(words) != 3:
            raise lines.refusal(expected)
        number = lines.whole(words[0], "a product's number", least=1)
        if number in found:
            raise lines.refusal("a product that was not listed before", words[0])
        node = lines.whole(words[1], "a location", most=locations)
        found[number] = Product(node, lines.thousandths(words[2], columns.lower()))
    return found


def read_orders(
    lines: Lines, products: dict[int, Product], extras: tuple[str, ...]
) -> tuple[Order, ...]:
    """The orders; extras are the columns between an order's number and its lines."""
    heading(lines, "Orders")
    orders = count(lines, "NbOrders")
    columns = " ".join(extras)
    heading(lines, f"Idx {columns} NbProdInOrder ProdIdx1 Qty1 ProdIdx2 Qty2 ...")
    found: dict[int, Order] = {}
    for _ in range(orders):
        words = lines.take(f"an order's number, {columns}, and its products").split()
        fixed = len(extras) + 2
        if len(words) < fixed:
            raise lines.refusal(f"an order's number, {columns}, and its products")
        number = lines.whole(words[0], "an order's number")
        if number in found:
            raise lines.refusal("an order that was not listed before", words[0])
        told = tuple(lines.whole(word, name) for word, name in zip(words[1:], extras, strict=False))
        size = lines.whole(words[fixed - 1], "NbProdInOrder", least=1)
        if len(words) != fixed + 2 * size:
            raise lines.refusal(f"{size} products with a quantity each")
        found[number] = Order(str(number), told, _lines(lines, words[fixed:], products))
    return tuple(found.values())


def _lines(
    lines: Lines, words: list[str], products: dict[int, Product]
) -> tuple[tuple[Product, int], ...]:
    taken: list[tuple[Product, int]] = []
    for product, units in zip(words[::2], words[1::2], strict=True):
        number = lines.whole(product, "a product's number")
        if number not in products:
            raise lines.refusal("a product of the list above", product)
        taken.append((products[number], lines.whole(units, "a quantity", least=1)))
    return tuple(taken)


def read_walkways(lines: Lines, locations: int) -> Walkways:
    """The graph; its arcs are listed one way each, and what is listed both ways is one arc.

    The list of shortest ways is passed over: it follows from the arcs.
    """
    heading(lines, "Graph")
    count(lines, "NbVerticesIntersections")
    start, end = count(lines, "DepartingDepot"), count(lines, "ArrivalDepot")
    nodes = max(locations, start, end) + 1
    heading(lines, "Arcs")
    heading(lines, "Start End Distance")
    one_way = _lengths(lines, nodes)
    arcs = tuple(
        Arc(a, b, length_mm, one_way=one_way.get((b, a)) != length_mm)
        for (a, b), length_mm in one_way.items()
        if a < b or one_way.get((b, a)) != length_mm
    )
    heading(lines, "LocStart LocEnd ShortestPath")
    _lengths(lines, nodes)
    points = _points(lines, nodes)
    return Walkways(nodes, arcs, (start,), () if end == start else (end,), points)


def _lengths(lines: Lines, nodes: int) -> dict[tuple[int, int], int]:
    """The lengths from node to node in mm, up to the next heading."""
    found: dict[tuple[int, int], int] = {}
    while lines.peek() and not lines.peek().startswith("//"):
        words = lines.take("two nodes and a length").split()
        if len(words) != 3:
            raise lines.refusal("two nodes and a length")
        a, b = (lines.whole(word, "a node", most=nodes - 1) for word in words[:2])
        length_mm = lines.thousandths(words[2], "a length")
        found[a, b] = min(length_mm, found.get((a, b), length_mm))
    return found


def _points(lines: Lines, nodes: int) -> tuple[Point, ...]:
    """Where each node is."""
    heading(lines, "Vertices coordinates LocationName", "Location coordinates LocationName")
    if is_next(lines, "Loc x y"):
        heading(lines, "Loc x y")
    found: dict[int, Point] = {}
    while lines.peek():
        words = lines.take("a node, x, y and a name").split(maxsplit=3)
        if len(words) < 3:
            raise lines.refusal("a node, x, y and a name")
        node = lines.whole(words[0], "a node", most=nodes - 1)
        found[node] = (_place(lines, words[1]), _place(lines, words[2]))
    for node in range(nodes):
        if node not in found:
            raise lines.missing(f"the coordinates of node {node}")
    return tuple(found[node] for node in range(nodes))


def _place(lines: Lines, word: str) -> int:
    """A coordinate in mm; it may be negative."""
    size = lines.thousandths(word.removeprefix("-"), "a coordinate")
    return -size if word.startswith("-") else size

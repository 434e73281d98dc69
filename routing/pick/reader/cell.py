"""Files of one block of aisles with cells: picker routing, and order batching.

A head of KEY : value, then ARTICLE_SECTION, SKU_SECTION (where each article lies),
ORDER_SECTION and EOF. Cell 0 is the one next to the top; the bottom is the front. An article's
WEIGHT counts against PICKER_CAPACITY; the QUANTITY in the SKU section, a stock, limits nothing.

Source: Heßler and Irnich (2022), who put the instances of Henn and Wäscher, Muter and Öncan,
Bahçeci and Öncan, Weidinger, and Goeke and Schneider into this form.
"""

from dataclasses import dataclass

from routing.line import Lines
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.floor.layout import Side
from routing.pick.reader.block import Block, Line, floor_of, read_block
from routing.pick.reader.kind import TourInput

SKU = ("ID", "AISLE", "CELL", "QUANTITY", "LEFT_RIGHT_HAND_SIDE")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article lies."""

    aisle: int
    position_mm: int
    side: Side


def read_cells(lines: Lines) -> TourInput | BatchProblem:
    """The problem of a whole file; a unit of weight is taken as 1 kg.

    Raises: ValueError with the line's number and what was expected there.
    """
    block = read_block(lines)
    weights = _weights(lines)
    places = _places(lines, block, weights)
    lines.keyword("ORDER_SECTION")
    if block.is_batching:
        orders = [
            _order(lines, "NUM_ARTICLES_IN_ORDER", weights, places)
            for _ in range(lines.count("NUM_ORDERS"))
        ]
    else:
        orders = [_order(lines, "NUM_ARTICLES", weights, places)]
    lines.keyword("EOF")
    lines.end()
    floor, stops = floor_of(block, orders)
    if not block.is_batching:
        return TourInput(floor, stops[0])
    loads = tuple(
        Load(str(number), taken, 0, sum(stop.mass_g for stop in taken))
        for number, taken in enumerate(stops)
    )
    cart = Cart(slots=max(1, len(loads)), mass_g_max=block.capacity, mixed=True)
    return BatchProblem(floor, loads, cart)


def _weights(lines: Lines) -> dict[int, int]:
    """The mass of one unit of each article in g, 0 where the file tells none."""
    weights: dict[int, int] = {}
    for _ in range(lines.count("NUM_ARTICLES")):
        words = lines.take("ID and a number, with or without WEIGHT").split()
        if len(words) not in (2, 4) or (words[0], *words[2:3]) not in (("ID",), ("ID", "WEIGHT")):
            raise lines.refusal("ID and a number, with or without WEIGHT")
        article = lines.whole(words[1], "ID")
        if article in weights:
            raise lines.refusal("an ID that was not listed before", words[1])
        weights[article] = lines.thousandths(words[3], "WEIGHT") if len(words) == 4 else 0
    return weights


def _places(lines: Lines, block: Block, weights: dict[int, int]) -> dict[int, Place]:
    lines.keyword("SKU_SECTION")
    places: dict[int, Place] = {}
    for _ in range(lines.count("NUM_SKUS")):
        article, aisle, cell, stock, side = lines.fields(SKU)
        number = lines.whole(article, "ID")
        if number not in weights:
            raise lines.refusal("an ID of ARTICLE_SECTION", article)
        if number in places:
            raise lines.refusal("one place for each article, since a walk chooses none", article)
        lines.whole(stock, "QUANTITY")
        if side not in tuple(Side):
            raise lines.refusal("LEFT_RIGHT_HAND_SIDE left or right", side)
        places[number] = Place(
            lines.whole(aisle, "AISLE", most=block.aisles - 1),
            block.position_mm(lines.whole(cell, "CELL", most=block.cells - 1)),
            Side(side),
        )
    return places


def _order(
    lines: Lines, key: str, weights: dict[int, int], places: dict[int, Place]
) -> tuple[Line, ...]:
    taken: list[Line] = []
    for _ in range(lines.count(key, least=1)):
        article, quantity = lines.fields(("ID", "QUANTITY"))
        number = lines.whole(article, "ID")
        if number not in places:
            raise lines.refusal("an ID of SKU_SECTION", article)
        units = lines.whole(quantity, "QUANTITY", least=1)
        place = places[number]
        mass_g = units * weights[number]
        taken.append(Line(place.aisle, place.position_mm, place.side, units, mass_g))
    return tuple(taken)

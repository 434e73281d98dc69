"""Files of orders for boxes on a trolley, on a floor that is a graph.

A trolley carries K boxes of volume B. Where a box may hold mixed orders, a trolley is K × B in
one; where not, an order has boxes for itself, M of them, which is its volume by B, rounded up.
The published optima of the Foodmart files are of boxes for one order each, though the files say
that they may be mixed: to compare, replace the cart by one that is not mixed.

Source: Valle, Beasley and da Cunha (2017), Foodmart, in the form of Briant and others (2020).
"""

from routing.line import Lines
from routing.pick.batch.problem import BatchProblem, Cart, Load
from routing.pick.reader.graph import (
    count,
    is_next,
    read_orders,
    read_products,
    read_walkways,
    value,
)

# Masses are not part of the format.
MASS_G_MAX = 1


def read_trolleys(lines: Lines) -> BatchProblem:
    """The problem of a whole file; a unit of volume is taken as 1 litre.

    Raises: ValueError with the line's number and what was expected there.
    """
    locations = count(lines, "NbLocations", least=1)
    products = count(lines, "NbProducts")
    boxes = count(lines, "K: NbBoxesTrolley", least=1)
    if is_next(lines, "NbDimensionsCapacity"):
        dimensions = value(lines, "NbDimensionsCapacity")
        if dimensions != "1":
            raise lines.refusal("boxes with one dimension of capacity", dimensions)
    box_ml = lines.thousandths(value(lines, "B: CapaBox"), "CapaBox", positive=True)
    mixed = value(lines, "A box can accept mixed orders")
    if mixed not in ("0", "1"):
        raise lines.refusal("0 for boxes of one order, or 1 for mixed ones", mixed)
    known = read_products(lines, products, "Volume", locations)
    orders = read_orders(lines, known, ("M",))
    walkways = read_walkways(lines, locations)
    loads = tuple(
        Load(order.id, order.stops, sum(stop.volume_ml for stop in order.stops), 0)
        for order in orders
    )
    cart = Cart(slots=boxes, mass_g_max=MASS_G_MAX, tote_volume_ml=box_ml, mixed=mixed == "1")
    return BatchProblem(walkways, loads, cart)

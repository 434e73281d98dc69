"""Files of orders with due dates for several pickers, on a floor that is a graph.

A walk takes SetupTime, PickTime for each unit (each line is of one), and
TimeToTravelOneDistanceUnit for each unit of length. A picker carries CapaPicker units of size.
What alpha and TardinessPenalty weigh is not planned by: here the seconds of lateness count.

Source: Briant and others (2023), instances of van Gils, Caris, Ramaekers and Braekers (2019).
"""

from routing.line import SCALE, Lines
from routing.pick.batch.problem import BatchProblem, Cart, Load, Shift
from routing.pick.floor.pace import Pace
from routing.pick.reader.graph import count, read_orders, read_products, read_walkways, value
from routing.pick.reader.trolley import MASS_G_MAX

# The files know no end of a shift; this one is decades away and still a small number.
SHIFT_END_S = 1_000_000_000


def read_deadlines(lines: Lines) -> BatchProblem:
    """The problem of a whole file; a unit of time is taken as 1 s, a unit of size as 1 litre.

    Raises: ValueError with the line's number and what was expected there.
    """
    lines.thousandths(value(lines, "alpha"), "alpha")
    locations = count(lines, "NbLocations", least=1)
    products = count(lines, "NbProducts")
    pickers = count(lines, "NbPickers", least=1)
    capacity = lines.thousandths(value(lines, "CapaPicker"), "CapaPicker", positive=True)
    name = "TimeToTravelOneDistanceUnit"
    travel = lines.thousandths(value(lines, name), name, positive=True)
    if travel > SCALE * SCALE:
        raise lines.refusal(f"{name} of at most {SCALE}")
    setup = lines.thousandths(value(lines, "SetupTime"), "SetupTime")
    pick = lines.thousandths(value(lines, "PickTime"), "PickTime")
    known = read_products(lines, products, "Size", locations)
    orders = read_orders(lines, known, ("DueDate", "TardinessPenalty"))
    walkways = read_walkways(lines, locations)
    loads = tuple(
        Load(
            order.id,
            order.stops,
            sum(stop.volume_ml for stop in order.stops),
            0,
            due_s=order.extras[0],
        )
        for order in orders
    )
    return BatchProblem(
        walkways,
        loads,
        Cart(slots=1, mass_g_max=MASS_G_MAX, tote_volume_ml=capacity, mixed=True),
        Pace(
            speed_mm_s=SCALE * SCALE / travel,
            setup_s=setup / SCALE,
            turn_s=0,
            stop_s=0,
            reach_s=0,
            pick_s=pick / SCALE,
        ),
        shifts=tuple(Shift(f"picker-{number + 1}", 0, SHIFT_END_S) for number in range(pickers)),
    )

"""The states of a fulfilment order as a page of the documentation.

Written anew by `python -m wms.orders.drawing > docs/states.md`.
"""

import sys
from collections.abc import Mapping

from wms.orders.fulfilment import MOVES, Event, State

STARTS = (State.SCHEDULED, State.BACKORDERED, State.OPEN)


def state_page(moves: Mapping[tuple[State, Event], State] = MOVES) -> str:
    """The page with the drawing of these moves; the same moves give the same text."""
    left = {state for state, _ in moves}
    ends = [state for state in State if state not in left and state in moves.values()]
    arrows = [f"    [*] --> {state}" for state in STARTS]
    arrows += [f"    {state} --> {to}: {event}" for (state, event), to in moves.items()]
    arrows += [f"    {state} --> [*]" for state in ends]
    return "\n".join(
        [
            "# States of a fulfilment order",
            "",
            "Every move that is not drawn is refused, by `wms/orders/fulfilment.py` and by the",
            "database. Holds are a set beside the state: any of them keeps an order from being",
            "released. This page is written by `python -m wms.orders.drawing > docs/states.md`.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *arrows,
            "```",
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(state_page())

"""Every table of states as a page of the documentation.

Written anew by `python -m wms.overview.drawing > docs/states.md`.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

from wms.counting import count
from wms.digital import digital
from wms.handoff import ticket
from wms.labelling import label
from wms.moving import move
from wms.notice import notice
from wms.orders import fulfilment
from wms.receiving import inbound
from wms.replenishment import proposal, purchase, transfer
from wms.shipping import route
from wms.slotting import slotting
from wms.sorting import item

Moves = tuple[tuple[tuple[str, str], str], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A table of states: the file it is in, who refuses other moves, and what to know of it."""

    title: str
    file: str
    starts: tuple[str, ...]
    moves: Moves
    guard: str
    about: str

    @property
    def ends(self) -> tuple[str, ...]:
        """The states that no move leaves."""
        left = {state for (state, _), _ in self.moves}
        return tuple(dict.fromkeys(to for _, to in self.moves if to not in left))


def _drawn(
    title: str,
    module: ModuleType,
    starts: tuple[str, ...],
    about: str,
    guard: str = "that file",
) -> Drawing:
    """The table of states that a module keeps."""
    file = f"{module.__name__.replace('.', '/')}.py"
    return Drawing(title, file, starts, tuple(module.MOVES.items()), guard, about)


BOTH = "that file and the database"
DRAWINGS = (
    _drawn(
        "A fulfilment order",
        fulfilment,
        (fulfilment.State.SCHEDULED, fulfilment.State.BACKORDERED, fulfilment.State.OPEN),
        "Holds are a set beside the state: any of them keeps an order from being released.",
        guard=BOTH,
    ),
    _drawn(
        "An inbound shipment",
        inbound,
        (inbound.State.ANNOUNCED,),
        "An ASN, a blind receipt and a return go the same way.",
        guard=BOTH,
    ),
    _drawn(
        "A label",
        label,
        (label.State.QUEUED,),
        "One in flight never waits again: it was printed, it was not, or a person has to look. A "
        "reprint is another label.",
    ),
    _drawn(
        "A purchase order",
        purchase,
        (purchase.State.DRAFT,),
        "Sending one announces its shipment. When that closes, the order is received, or closed "
        "where less came than was ordered.",
        guard=BOTH,
    ),
    _drawn(
        "A replenishment proposal",
        proposal,
        (proposal.State.PROPOSED,),
        "A newer run supersedes what nobody decided on. Approved, it lives on as a purchase order "
        "or a transfer.",
    ),
    _drawn(
        "A transfer",
        transfer,
        (transfer.State.REQUESTED,),
        "Sending one books its goods out and announces their shipment. When that closes, the "
        "transfer is received, or closed where less came than was sent.",
    ),
    _drawn(
        "A digital delivery",
        digital,
        (digital.State.WAITING,),
        "A unit that was bought. Its code is its own for ever: the database lets none go back to "
        "the vault, or to anybody else.",
    ),
    _drawn(
        "A notice",
        notice,
        (notice.State.WAITING,),
        "A mail to a buyer. Sent is what a mail server has taken.",
    ),
    _drawn(
        "A ticket",
        ticket,
        (ticket.State.OPEN,),
        "Somebody asked for a human. Escalated, it waits for the next role; one that was answered "
        "opens again when more is asked.",
    ),
    _drawn(
        "A move",
        move,
        (move.State.OPEN,),
        "A claim that ran out is claimed by somebody else.",
    ),
    _drawn(
        "A count",
        count,
        (count.State.OPEN,),
        "A claim that ran out is claimed by somebody else. A count that is rejected is asked for "
        "again, as a new one.",
    ),
    _drawn(
        "A route plan",
        route,
        (route.State.REQUESTED,),
        "Of a departure's versions at most one is requested and at most one stands, planned; both "
        "are unique in the database.",
    ),
    _drawn(
        "A re-slotting proposal",
        slotting,
        (slotting.State.REQUESTED,),
        "Its moves are move tasks, with states of their own.",
    ),
    _drawn(
        "An item on the sorter",
        item,
        (item.State.INDUCTED,),
        "One stay, however many rounds it takes: after the third the reject lane is its next. "
        "Whatever rides may be turned back, rejected, lost or led astray.",
    ),
)


def state_page(drawings: Iterable[Drawing] = DRAWINGS) -> str:
    """The page with these drawings; the same tables give the same text."""
    head = (
        "# States\n\n"
        "Every move that is not drawn is refused. This page is written by\n"
        "`python -m wms.overview.drawing > docs/states.md`.\n"
    )
    return "\n".join([head, *(_section(drawing) for drawing in drawings)])


def _section(drawing: Drawing) -> str:
    arrows = [f"    [*] --> {state}" for state in drawing.starts]
    arrows += [f"    {state} --> {to}: {event}" for (state, event), to in drawing.moves]
    arrows += [f"    {state} --> [*]" for state in drawing.ends]
    return "\n".join(
        [
            f"## {drawing.title}",
            "",
            f"Kept in `{drawing.file}`; other moves are refused by {drawing.guard}.",
            drawing.about,
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

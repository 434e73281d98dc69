"""Every table of states as a page of the documentation.

Written anew by `python -m wms.overview.drawing > docs/states.md`.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

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


BOTH = "that file and the database"
DRAWINGS = (
    Drawing(
        "A fulfilment order",
        "wms/orders/fulfilment.py",
        (fulfilment.State.SCHEDULED, fulfilment.State.BACKORDERED, fulfilment.State.OPEN),
        tuple(fulfilment.MOVES.items()),
        BOTH,
        "Holds are a set beside the state: any of them keeps an order from being released.",
    ),
    Drawing(
        "An inbound shipment",
        "wms/receiving/inbound.py",
        (inbound.State.ANNOUNCED,),
        tuple(inbound.MOVES.items()),
        BOTH,
        "An ASN, a blind receipt and a return go the same way.",
    ),
    Drawing(
        "A label",
        "wms/labelling/label.py",
        (label.State.QUEUED,),
        tuple(label.MOVES.items()),
        "that file",
        "One in flight never waits again: it was printed, it was not, or a person has to look. A "
        "reprint is another label.",
    ),
    Drawing(
        "A purchase order",
        "wms/replenishment/purchase.py",
        (purchase.State.DRAFT,),
        tuple(purchase.MOVES.items()),
        BOTH,
        "Sending one announces its shipment. When that closes, the order is received, or closed "
        "where less came than was ordered.",
    ),
    Drawing(
        "A replenishment proposal",
        "wms/replenishment/proposal.py",
        (proposal.State.PROPOSED,),
        tuple(proposal.MOVES.items()),
        "that file",
        "A newer run supersedes what nobody decided on. Approved, it lives on as a purchase order "
        "or a transfer.",
    ),
    Drawing(
        "A transfer",
        "wms/replenishment/transfer.py",
        (transfer.State.REQUESTED,),
        tuple(transfer.MOVES.items()),
        "that file",
        "Sending one books its goods out and announces their shipment. When that closes, the "
        "transfer is received, or closed where less came than was sent.",
    ),
    Drawing(
        "A digital delivery",
        "wms/digital/digital.py",
        (digital.State.WAITING,),
        tuple(digital.MOVES.items()),
        "that file",
        "A unit that was bought. Its code is its own for ever: the database lets none go back to "
        "the vault, or to anybody else.",
    ),
    Drawing(
        "A notice",
        "wms/notice/notice.py",
        (notice.State.WAITING,),
        tuple(notice.MOVES.items()),
        "that file",
        "A mail to a buyer. Sent is what a mail server has taken.",
    ),
    Drawing(
        "A ticket",
        "wms/handoff/ticket.py",
        (ticket.State.OPEN,),
        tuple(ticket.MOVES.items()),
        "that file",
        "Somebody asked for a human. Escalated, it waits for the next role; one that was answered "
        "opens again when more is asked.",
    ),
    Drawing(
        "A move",
        "wms/moving/move.py",
        (move.State.OPEN,),
        tuple(move.MOVES.items()),
        "that file",
        "A claim that ran out is claimed by somebody else.",
    ),
    Drawing(
        "A count",
        "wms/counting/count.py",
        (count.State.OPEN,),
        tuple(count.MOVES.items()),
        "that file",
        "A claim that ran out is claimed by somebody else. A count that is rejected is asked for "
        "again, as a new one.",
    ),
    Drawing(
        "A route plan",
        "wms/shipping/route.py",
        (route.State.REQUESTED,),
        tuple(route.MOVES.items()),
        "that file",
        "Of a departure's versions at most one is requested and at most one stands, planned; both "
        "are unique in the database.",
    ),
    Drawing(
        "A re-slotting proposal",
        "wms/slotting/slotting.py",
        (slotting.State.REQUESTED,),
        tuple(slotting.MOVES.items()),
        "that file",
        "Its moves are move tasks, with states of their own.",
    ),
    Drawing(
        "An item on the sorter",
        "wms/sorting/item.py",
        (item.State.INDUCTED,),
        tuple(item.MOVES.items()),
        "that file",
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

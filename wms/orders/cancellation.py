"""Whether an order may be cancelled, and what else there is where it may not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wms.orders.fulfilment import MOVES, Event, State

HANDED_OVER, PACKING, SENT, ENDED = "handed_over", "packing", "sent", "order_over"
# By the code of a refusal, how goods are had back that a cancellation cannot stop any more.
WAYS_BACK: dict[str, dict[str, str]] = {
    HANDED_OVER: {
        "how": "return",
        "path": "/v1/inbound-shipments",
        "detail": "Announce a shipment of kind `return` that names the order.",
    },
    SENT: {
        "how": "revocation",
        "path": "/v1/digital-deliveries/{id}/revoke",
        "detail": "Revoke what was sent, and take the other lines out by an edit.",
    },
    PACKING: {
        "how": "handoff",
        "path": "/v1/handoffs",
        "detail": "Ask a person to stop it at the dock, or have it returned once it has left.",
    },
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is not cancelled: a code, a sentence, and the parts of it in the way."""

    code: str
    sentence: str
    states: Mapping[int, State]

    def blocked(self) -> list[dict[str, object]]:
        """The parts that stood in the way, as a shop reads them."""
        return [
            {"fulfilment_order_id": number, "state": state.value}
            for number, state in self.states.items()
        ]


def refusal_of(
    order_state: str, states: Mapping[int, State], digital: Collection[int] = ()
) -> Refusal | None:
    """Why an order cannot be cancelled, or None where all of it can.

    `states` are those of its parts, of which the `digital` ones are sent by mail.
    """
    if order_state not in ("received", "accepted"):
        return Refusal(ENDED, f"The order is {order_state}.", {})
    stuck = {
        number: state for number, state in states.items() if (state, Event.CANCEL) not in MOVES
    }
    if not stuck:
        return None
    where = ", ".join(
        f"fulfilment order {number} is {state.replace('_', ' ')}" for number, state in stuck.items()
    )
    if all(number in digital for number in stuck):
        return Refusal(SENT, f"Codes were sent: {where}. Revoke them instead.", stuck)
    if any(state in (State.HANDED_OVER, State.CLOSED) for state in stuck.values()):
        return Refusal(
            HANDED_OVER, f"A part has left the house: {where}. Have it returned instead.", stuck
        )
    return Refusal(
        PACKING,
        f"It is past picking: {where}. Ask a person to stop it, or have it returned.",
        stuck,
    )

"""Which events need a human by themselves: a ticket each, once for each cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wms.handoff.ticket import AskedBy, NewTicket, Urgency

GENERATOR = "digital_generator"
HELD, OVERDUE, AT_RISK = "order.held", "order.hold_overdue", "order.promise_at_risk"
BOUNCED, REFUND = "notice.bounced", "order.refund_advised"
TYPES = (HELD, OVERDUE, AT_RISK, BOUNCED, REFUND)
HOLD, PROMISE, NOTICE, REFUND_CAUSE = "hold", "promise", "notice", "refund"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that an event asks for; `later` where only if nothing comes of it."""

    ticket: NewTicket
    later: bool = False


def wanted_by(
    event_type: str, seq: int, order_id: int | None, data: Mapping[str, Any]
) -> Wanted | None:
    """The ticket that an event asks for, or None: a hold that its owner knows of needs nobody."""
    if order_id is None:
        return None
    if event_type == HELD and data.get("kind") == GENERATOR:
        return Wanted(_ticket(order_id, "generator", Urgency.HIGH, f"{HOLD}/{data['hold_id']}",
            f"A digital item cannot be made, and its buyer waits. {data['reason']}"))  # fmt: skip
    if event_type == OVERDUE:
        return Wanted(_ticket(order_id, "hold_overdue", Urgency.HIGH, f"{HOLD}/{data['hold_id']}",
            f"The {data['owned_by']} let the time of a hold go by ({data['kind']}): "
            f"{data['reason']}"))  # fmt: skip
    if event_type == AT_RISK:
        cause = f"{PROMISE}/{data['fulfilment_order_id']}/{data['since']}"
        return Wanted(_ticket(order_id, "promise_at_risk", Urgency.URGENT, cause,
            f"Paid, and the promise of its waybill is about to be broken. "
            f"{data.get('detail') or ''}"))  # fmt: skip
    if event_type == BOUNCED:
        return Wanted(_ticket(order_id, "notice_bounced", Urgency.NORMAL,
            f"{NOTICE}/{data['notice_id']}",
            f"A mail to the buyer ({data['kind']}) came back: {data.get('reason') or 'no reason'}"
        ))  # fmt: skip
    if event_type == REFUND:
        return Wanted(refund_ticket(order_id, f"{REFUND_CAUSE}/{seq}"), later=True)
    return None


def refund_ticket(order_id: int, cause: str) -> NewTicket:
    """What is asked when money that should go back has not gone back in time."""
    words = "A refund was advised, and the shop's gateway has told of none."
    return _ticket(order_id, "refund_unanswered", Urgency.NORMAL, cause, words)


def _ticket(order_id: int, kind: str, urgency: Urgency, cause: str, words: str) -> NewTicket:
    return NewTicket(kind, urgency, words[:2_000], AskedBy.RULE, order_id, cause)

"""The steps of the house: what each is about, and who is told when one takes too long."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wms.error import Refused
from wms.handoff.ticket import ANSWERERS, Urgency
from wms.tenants.staff import Role

LIMIT_MAX = timedelta(days=90)


class Step(StrEnum):
    """What is done in the house, in the order of an order's way, then of goods', then of words."""

    WAYBILL = "waybill"
    DELIVER = "deliver"
    RELEASE = "release"
    PICK = "pick"
    SORT = "sort"
    PACK = "pack"
    LABEL = "label"
    STAGE = "stage"
    HAND_OVER = "hand_over"
    HOLD = "hold"
    COUNT = "count"
    RECEIVE = "receive"
    PUT_AWAY = "put_away"
    REFILL = "refill"
    TICKET = "ticket"


ABOUT = {
    Step.WAYBILL: "from paid and free of holds to a waybill and a carrier that knows",
    Step.DELIVER: "from paid to digital goods sent",
    Step.RELEASE: "from the waybill to a released wave",
    Step.PICK: "from release to the last pick",
    Step.SORT: "from the last pick to the packing place",
    Step.PACK: "from the packing place to closed parcels",
    Step.LABEL: "from the label's order to its print",
    Step.STAGE: "from the printed label to the place of departure",
    Step.HAND_OVER: "from the place of departure to the carrier",
    Step.HOLD: "from a hold to whoever owns it; its own time, unless a limit is set for its kind",
    Step.COUNT: "from the wish to count a place to the count",
    Step.RECEIVE: "from the expected or begun delivery to its end",
    Step.PUT_AWAY: "from the dock, or from an order that was given up, to the shelf",
    Step.REFILL: "from the wish to refill a picking bin to its goods",
    Step.TICKET: "from the question to a human's answer, by urgency",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose a step is, how long it may take, and how much later the next role is told.

    kind: of a hold, or a ticket's urgency; empty for all. limit: None where what waits has its own.

    Raises:
        Refused: `bad_sop`, naming the field.
    """

    step: Step
    kind: str
    role: Role
    limit: timedelta | None
    escalate: timedelta

    def __post_init__(self) -> None:
        if self.limit is None and (self.step is not Step.HOLD or self.kind):
            raise Refused("bad_sop", "Only holds have a time of their own.", "/limit_s")
        for name, length in (("limit_s", self.limit), ("escalate_s", self.escalate)):
            if length is not None and not timedelta(0) < length <= LIMIT_MAX:
                raise Refused("bad_sop", "A limit is at most 90 days.", f"/{name}")
        if self.step is Step.TICKET and self.kind not in set(Urgency):
            raise Refused("bad_sop", f"Tickets have limits for {', '.join(Urgency)}.", "/kind")
        if self.step is Step.TICKET and self.role not in ANSWERERS:
            raise Refused("bad_sop", "Tickets are answered by planners and above.", "/role")
        if self.kind and self.step not in (Step.HOLD, Step.TICKET):
            raise Refused("bad_sop", f"There is one kind of {self.step} only.", "/kind")

"""What shops and staff send and get about tickets and the limits of steps."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.field import NO_NUL, ROW_MAX
from wms.handoff.sop import LIMIT_MAX, Rule, Step
from wms.handoff.ticket import KINDS, WORDS_MAX, NewTicket, State, Urgency
from wms.tenants.staff import Role

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=WORDS_MAX), NO_NUL
]
Kind = Literal[
    "question",
    "address",
    "delivery",
    "cancellation",
    "return",
    "damage",
    "missing_goods",
    "payment",
    "stock",
    "complaint",
    "other",
]
assert Kind.__args__ == KINDS  # type: ignore[attr-defined]
Seconds = Annotated[int, Field(ge=1, le=int(LIMIT_MAX.total_seconds()))]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HandoffRequest(_Request):
    """What a human is wanted for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "order_id": 4711,
                    "kind": "damage",
                    "urgency": "high",
                    "words": "The buyer says that a cup is broken. What can we offer?",
                }
            ]
        },
    )

    order_id: Annotated[int | None, Field(ge=1, le=ROW_MAX)] = None
    kind: Kind = "question"
    urgency: Urgency = Urgency.NORMAL
    words: Text

    def ticket(self) -> NewTicket:
        """As the house knows it."""
        return NewTicket(self.kind, self.urgency, self.words, order_id=self.order_id)


class WordsRequest(_Request):
    """What is said about a ticket."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"words": "We send a new cup today, at no cost."}]},
    )

    words: Text


class CloseRequest(_Request):
    """Why a ticket is closed; one that was answered needs no reason."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"words": "The buyer has found it."}]}
    )

    words: Text | None = None


class LinkRequest(_Request):
    """The order whose buyer shall be able to ask for a human."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"order_id": 4711}]})

    order_id: Annotated[int, Field(ge=1, le=ROW_MAX)]


class LinkView(BaseModel):
    """A link for an order's buyer; whoever has it is the buyer."""

    order_id: int
    link: str
    expires_at: AwareDatetime


class HandoffSummary(BaseModel):
    """A ticket; `due_at` is when it has to be answered, by which the queue is ordered."""

    id: int
    shop: str
    order_id: int | None
    external_order_id: str | None
    asked_by: Literal["shop", "buyer", "rule"]
    kind: str
    urgency: Urgency
    state: State
    role: Annotated[Role, Field(description="whose turn it is, or somebody's above")]
    holder: Annotated[str | None, Field(description="who of the staff has it, or had it last")]
    sandbox: bool
    asked_at: AwareDatetime
    waiting_since: AwareDatetime
    due_at: AwareDatetime
    claimed_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    closed_at: AwareDatetime | None


class NoteView(BaseModel):
    """What somebody said: a question's words, an answer, or the reason for a step."""

    author: Literal["shop", "buyer", "rule", "staff"]
    actor: str
    kind: Literal["words", "answer", "reason"]
    words: str
    at: AwareDatetime


class HappeningView(BaseModel):
    """One event of the order."""

    at: AwareDatetime
    type: str
    actor: str
    data: dict[str, Any]


class TicketOrderView(BaseModel):
    """The order that a ticket is about, as it is now."""

    id: int
    external_order_id: str
    state: str
    payment_state: str


class HandoffView(HandoffSummary):
    """A ticket with all that was said, and the order's timeline as it is now."""

    notes: list[NoteView]
    order: TicketOrderView | None
    timeline: list[HappeningView]


class HandoffList(BaseModel):
    """A page of tickets."""

    items: list[HandoffSummary]
    next: str | None


class LimitRequest(_Request):
    """Whose a step is, how long it may take, and how much later the next role is told."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"role": "operator", "limit_s": 7200, "escalate_s": 3600}]},
    )

    role: Role
    limit_s: Annotated[
        Seconds | None, Field(description="null only for holds, which have their own time")
    ]
    escalate_s: Seconds

    def rule(self, step: Step, kind: str) -> Rule:
        """As the house knows it.

        Raises:
            Refused: `bad_sop`.
        """
        limit = None if self.limit_s is None else timedelta(seconds=self.limit_s)
        return Rule(step, kind, self.role, limit, timedelta(seconds=self.escalate_s))


class LimitView(BaseModel):
    """A limit as it stands; `kind` is of a hold or a ticket's urgency, empty for all."""

    step: Step
    kind: str
    about: str
    role: Role
    limit_s: int | None
    escalate_s: int
    changed_by: str
    changed_at: AwareDatetime | None


class LimitList(BaseModel):
    """The limits of a step, or of all."""

    items: list[LimitView]


class OverdueView(BaseModel):
    """A step that takes longer than it may; at level 2 the next role was told."""

    id: int
    step: Step
    kind: str
    object: str
    object_id: int
    order_id: int | None
    external_order_id: str | None
    since: AwareDatetime
    due_at: AwareDatetime
    role: Role
    level: Literal[1, 2]
    told_at: AwareDatetime
    raised_at: AwareDatetime | None


class OverdueList(BaseModel):
    """What is overdue now, the highest role's and the oldest first."""

    items: list[OverdueView]

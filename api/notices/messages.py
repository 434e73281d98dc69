"""What a shop says and sees of the mails to its buyers."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.dispatch.report import Action, Done
from api.field import NO_NUL

KindName = Literal[
    "accepted",
    "shipped",
    "delayed",
    "arriving",
    "delivered",
    "cancelled",
    "address",
    "refund",
    "digital_revoked",
]


class NoticeChoice(BaseModel):
    """Which news the house writes to the shop's buyers; codes of digital goods are always sent.

    `sender_name` stands before the house's own mail address, and is the shop's name where it is
    empty; what a buyer answers goes to `reply_to`.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kinds": ["shipped", "delivered", "address"],
                    "sender_name": "Mill Lane Mugs",
                    "reply_to": "help@millane.example",
                }
            ]
        },
    )

    kinds: Annotated[list[KindName], Field(max_length=9)]
    sender_name: Annotated[str, StringConstraints(max_length=100), NO_NUL] = ""
    reply_to: Annotated[str, StringConstraints(max_length=254), NO_NUL] = ""


class NoticeView(BaseModel):
    """A mail: queued, then sent, which is taken by a mail server, or bounced."""

    id: int
    kind: str
    language: str
    to: str
    state: Literal["waiting", "sent", "bounced"]
    queued_at: AwareDatetime
    sent_at: AwareDatetime | None
    bounced_at: AwareDatetime | None
    attempts: int
    error: str | None
    next_try_at: AwareDatetime | None


class NoticeList(BaseModel):
    items: list[NoticeView]


class MailReportView(BaseModel):
    """Which mail a report is about, what its server did (`action`), and what we did about it.

    `done` is `given_up` where the mail came back for good and its shop hears of it now, `known`
    where that was so before, `nothing` where it may still arrive, or has arrived. `reason` is the
    server's, without anybody's address.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "notice_id": 4711,
                    "order_id": 4711,
                    "kind": "digital",
                    "state": "bounced",
                    "action": "failed",
                    "done": "given_up",
                    "reason": "5.1.1 550 (an address) is unknown here",
                }
            ]
        }
    )

    notice_id: int
    order_id: int
    kind: str
    state: Literal["waiting", "sent", "bounced"]
    action: Action
    done: Done
    reason: str

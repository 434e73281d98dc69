"""Which news a buyer gets by mail, and what becomes of a mail."""

import hmac
import re
import unicodedata
from enum import StrEnum
from hashlib import sha256

from wms.database.seal import Keyset
from wms.error import Refused
from wms.state import follow

ADDRESS_MAX = 254
LOCAL_MAX = 64
TEXT_MAX = 500
# What turns the letters around that follow it; a name has none, and a forged one hides behind it.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]+")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Kind(StrEnum):
    """What a mail is about."""

    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    DELAYED = "delayed"
    ARRIVING = "arriving"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    ADDRESS = "address"
    REFUND = "refund"
    DIGITAL = "digital"
    DIGITAL_REVOKED = "digital_revoked"
    HANDOFF = "handoff"


# What a shop switches on; codes are the goods themselves, an answer was asked for: always sent.
SWITCHED = tuple(kind for kind in Kind if kind not in (Kind.DIGITAL, Kind.HANDOFF))
# The kind of news that an event is; a hold is news only where it waits for goods.
OF_EVENT = {
    "order.accepted": Kind.ACCEPTED,
    "order.handed_over": Kind.SHIPPED,
    "order.expected": Kind.DELAYED,
    "order.refund_or_wait": Kind.DELAYED,
    "order.held": Kind.DELAYED,
    "order.eta_changed": Kind.ARRIVING,
    "order.delivered": Kind.DELIVERED,
    "order.cancelled": Kind.CANCELLED,
    "order.address_doubtful": Kind.ADDRESS,
    "order.refund_advised": Kind.REFUND,
    "order.digital_revoked": Kind.DIGITAL_REVOKED,
}
# Of these an order has one mail, however many events tell of it.
ONCE = (Kind.ACCEPTED, Kind.CANCELLED)


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"


class Event(StrEnum):
    TAKE = "take"
    BOUNCE = "bounce"


# A mail that a server took may still come back from a later one.
MOVES: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.TAKE): State.SENT,
    (State.WAITING, Event.BOUNCE): State.BOUNCED,
    (State.SENT, Event.BOUNCE): State.BOUNCED,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`.
    """
    return follow(MOVES, state, event, "A notice")


def tag_of(keyset: Keyset, message_id: str) -> str:
    """What stands behind a mail's number: only whoever has had the mail can name it."""
    return hmac.digest(keyset.derive("mail report"), message_id.encode(), sha256)[:8].hex()


def clean(text: object) -> str:
    """A text of a stranger on one line: no control character, nothing that turns what follows."""
    plain = str(text).encode("utf-8", "replace").decode()
    plain = _TURNS.sub("", plain)
    spaced = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in plain
    )
    return " ".join(spaced.split())[:TEXT_MAX]


def mail_address(text: str, pointer: str = "/email") -> str:
    """A mail address as it may stand in an envelope, its domain in ASCII.

    Raises:
        Refused: `bad_mail_address`.
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        host = domain.encode("idna").decode().lower()
    except UnicodeError:
        host = ""
    labels = host.split(".")
    good = (
        at
        and len(local.encode("utf-8", "replace")) <= LOCAL_MAX
        and _LOCAL.fullmatch(local)
        and all(part for part in local.split("."))
        and clean(local) == local
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
        and len(local) + len(host) < ADDRESS_MAX
    )
    if not good:
        raise Refused("bad_mail_address", "This is no address that a mail can go to.", pointer)
    return f"{local}@{host}"


def can_be_mailed(text: object) -> bool:
    """Whether a mail can be tried to that address."""
    if not isinstance(text, str):
        return False
    try:
        mail_address(text)
    except Refused:
        return False
    return True

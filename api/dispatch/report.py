"""A mail server's report of a mail that it had taken and that comes back, read as it came by mail.

Source: RFC 3464, delivery status notifications; RFC 3462, multipart/report.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from enum import StrEnum

from api.dispatch.topic import ERROR_LENGTH_MAX
from api.wiring import House
from wms.error import Refused
from wms.journey.buyer.notice import take_report
from wms.notice.notice import State, clean

# Anybody may write to the address that mails come from. What is larger, or one thing within the
# other over and over, would keep a reader busy for seconds, and is no report of a mail of ours.
REPORT_BYTES_MAX = 250_000
NESTED_MAX = 40
_NESTED = re.compile(rb"boundary|message/", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+")
# Finding addresses takes a time that grows with the square of it.
_WORDS_MAX = 4 * ERROR_LENGTH_MAX
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_OURS = re.compile(r"<(mail_[1-9]\d{0,18})\.([0-9a-f]{16})@[^<>\s]+>")


class Action(StrEnum):
    """What a server did with a mail. Source: RFC 3464, clause 2.3.3."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


class Done(StrEnum):
    """What the house did about a report: the mail is given up, was so before, or stays as it is."""

    GIVEN_UP = "given_up"
    KNOWN = "known"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail: `action` as the server says it, and why."""

    message_id: str
    tag: str
    action: Action
    reason: str

    @property
    def failed(self) -> bool:
        """Whether the mail came back for good; one that is only late may still arrive."""
        return self.action is Action.FAILED


@dataclass(frozen=True, slots=True)
class Taken:
    """A report that was taken in: of which mail, what was done about it, and why."""

    notice_id: int
    order_id: int
    kind: str
    state: State
    action: Action
    done: Done
    reason: str


async def take_in(house: House, content: bytes) -> Taken:
    """Takes in a report as it came by mail, however it reached the house; a repeat tells nobody.

    A mail that came back is given up and told to its shop, which has it sent again: no server says
    where its buyer is to be found instead.

    Raises:
        Refused: `no_report`, with a pointer.
        NotFound: `unknown_mail`, with a pointer.
    """
    report = await asyncio.to_thread(read_report, content)
    found = await take_report(
        house.pool,
        report.message_id,
        report.tag,
        failed=report.failed,
        reason=report.reason,
        now=house.now(),
    )
    done, reason = Done.NOTHING, report.reason
    if report.failed:
        done, reason = Done.GIVEN_UP if found.changed else Done.KNOWN, found.error or reason
    return Taken(
        found.notice_id, found.order_id, found.kind, found.state, report.action, done, reason
    )


def read_report(content: bytes) -> Report:
    """What a report says of a mail of ours.

    Raises:
        Refused: `no_report`, it is another mail, or about none of ours; with a pointer to what is
            missing of `/delivery-status/action` and `/message-id`.
    """
    if len(_NESTED.findall(content)) > NESTED_MAX:
        raise _no_report("it is mails within mails within mails.", "")
    try:
        return _read(message_from_bytes(content))
    except (ValueError, LookupError, TypeError) as error:
        # Python's parser stumbles over parameters that are half continued, or have a NUL in them.
        raise _no_report("it cannot be read as a mail.", "") from error


def _read(message: Message) -> Report:
    fields = next((one for one in _blocks(message) if one["Action"]), None)
    if fields is None:
        raise _no_report("no part of it says what became of a mail.", "/delivery-status")
    word = _WORD.match(str(fields["Action"]).strip().lower())
    if word is None or word[0] not in tuple(Action):
        known = ", ".join(Action)
        raise _no_report(f"its action is none of {known}.", "/delivery-status/action")
    found = next((match for text in _numbers(message) if (match := _OURS.fullmatch(text))), None)
    if found is None:
        raise _no_report("it returns none with a Message-ID of ours.", "/message-id")
    diagnostic = str(fields["Diagnostic-Code"] or "").partition(";")[2]
    reason = without_addresses(f"{fields['Status'] or ''} {diagnostic}")
    return Report(found[1], found[2], Action(word[0]), reason or word[0])


def _no_report(why: str, pointer: str) -> Refused:
    return Refused("no_report", f"This is no report of a mail of ours: {why}", pointer)


def without_addresses(text: str) -> str:
    """What can be kept and told of a server's words: one clean line without anybody's address."""
    plain = _ADDRESS.sub("(an address)", text[:_WORDS_MAX].replace("\x00", ""))
    return clean(plain)[:ERROR_LENGTH_MAX]


def _blocks(message: Message) -> Iterator[Message]:
    """The blocks of fields: the first is about the mail, each other one about a recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            if isinstance(payload, list):
                yield from (block for block in payload if isinstance(block, Message))


def _numbers(message: Message) -> Iterator[str]:
    """The Message-IDs of what was returned with it, whole or its headers only."""
    for part in message.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list):
            yield from (
                str(one["Message-ID"]).strip() for one in payload if isinstance(one, Message)
            )
        elif kind == "text/rfc822-headers":
            raw = part.get_payload(decode=True)
            text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
            yield str(message_from_string(text)["Message-ID"]).strip()

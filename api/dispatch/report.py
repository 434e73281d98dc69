"""A mail server's report of a mail that it had taken and that comes back, read as it came by mail.

Source: RFC 3464, delivery status notifications; RFC 3462, multipart/report.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message

from api.dispatch.topic import ERROR_LENGTH_MAX
from wms.error import Refused

REPORT_BYTES_MAX = 1_000_000
FAILED = "failed"
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_OURS = re.compile(r"<(mail_[1-9]\d{0,18})\.([0-9a-f]{16})@[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail: `action` as the server says it, and why."""

    message_id: str
    tag: str
    action: str
    reason: str

    @property
    def failed(self) -> bool:
        """Whether the mail came back for good; one that is only late may still arrive."""
        return self.action == FAILED


def read_report(content: bytes) -> Report:
    """What a report says of a mail of ours.

    Raises:
        Refused: `no_report`, it is another mail, or about none of ours.
    """
    message = message_from_bytes(content)
    fields = next((one for one in _blocks(message) if one["Action"]), None)
    found = next((match for text in _numbers(message) if (match := _OURS.fullmatch(text))), None)
    if fields is None or found is None:
        raise Refused("no_report", "This is no report of what became of a mail of ours.")
    action = str(fields["Action"]).strip().lower()
    diagnostic = str(fields["Diagnostic-Code"] or "").partition(";")[2]
    reason = without_addresses(f"{fields['Status'] or ''} {diagnostic}")
    return Report(found[1], found[2], action, reason or action)


def without_addresses(text: str) -> str:
    """What can be kept and told of a server's words: one line without anybody's address."""
    plain = _ADDRESS.sub("(an address)", text.replace("\x00", ""))
    return " ".join(plain.split())[:ERROR_LENGTH_MAX]


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

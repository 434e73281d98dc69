"""Links for buyers: a signed token that opens one page about one order, for a while.

A token is `PAYLOAD.SIGNATURE`, both in base64url: what it is for, the order, what it settles and
the second at which it ends; HMAC-SHA-256 over all of it. It holds nothing of a person.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

TOKEN_MAX = 300
_TAG_BYTES = 16


class Purpose(StrEnum):
    """What a link opens; a link for one opens no other."""

    ADDRESS = "address"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: this purpose, of this order, for this hold, until then."""

    purpose: str
    order_id: int
    hold_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkRule:
    """Where buyers reach the house, and how long their links and what waits for them last."""

    base_url: str = "http://127.0.0.1:8080"
    lasts: timedelta = timedelta(days=3)


# As a house on one machine is reached from that machine.
LOCAL = LinkRule()


@dataclass(frozen=True, slots=True)
class Links:
    """How links are made and read."""

    key: bytes = field(repr=False)
    rule: LinkRule = LOCAL

    def token(self, purpose: str, order_id: int, hold_id: int, expires_at: datetime) -> str:
        """A token that ends at a whole second."""
        payload = f"{purpose}:{order_id}:{hold_id}:{int(expires_at.timestamp())}".encode()
        return f"{_text(payload)}.{_text(self._tag(payload))}"

    def address(self, order_id: int, hold_id: int, expires_at: datetime) -> str:
        """The link under which a buyer mends the address of an order."""
        token = self.token(Purpose.ADDRESS, order_id, hold_id, expires_at)
        return f"{self.rule.base_url.rstrip('/')}/buyer/address/{token}"

    def help(self, order_id: int, expires_at: datetime) -> str:
        """The link under which a buyer asks for a human about an order; it settles no hold."""
        token = self.token(Purpose.HELP, order_id, 0, expires_at)
        return f"{self.rule.base_url.rstrip('/')}/buyer/help/{token}"

    def read(self, token: str, purpose: str) -> Grant | None:
        """What a token allows, expired or not; None where it was not made here for that."""
        if len(token) > TOKEN_MAX or token.count(".") != 1:
            return None
        said, signature = token.split(".")
        try:
            payload = _bytes(said)
        except ValueError:
            return None
        # Texts are compared, so that no second spelling of the same bytes is a token too.
        signed = f"{_text(payload)}.{_text(self._tag(payload))}"
        if not hmac.compare_digest(signed.encode(), f"{said}.{signature}".encode()):
            return None
        kind, order_id, hold_id, expires = payload.decode().split(":")
        if kind != purpose:
            return None
        return Grant(kind, int(order_id), int(hold_id), datetime.fromtimestamp(int(expires), UTC))

    def _tag(self, payload: bytes) -> bytes:
        return hmac.digest(self.key, b"buyer link:" + payload, sha256)[:_TAG_BYTES]


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))

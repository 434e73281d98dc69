"""Codes, links and vouchers: what may be one, and what becomes of a unit that was bought."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from wms.database.seal import Keyset
from wms.error import Refused
from wms.state import follow

CODE_MAX = 2_000
CODES_MAX = 5_000
QUOTA_MAX = 10**9
LINK = "link"
# Where an event holds a code.
CONTENT = "content"


class State(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REVOKED = "revoked"


class Event(StrEnum):
    DELIVER = "deliver"
    REVOKE = "revoke"


MOVES: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.DELIVER): State.DELIVERED,
    (State.DELIVERED, Event.REVOKE): State.REVOKED,
}


def after(state: State, event: Event) -> State:
    """The state that an event leads to.

    Raises:
        Conflict: `wrong_state`.
    """
    return follow(MOVES, state, event, "A digital delivery")


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code as a shop puts it into the vault."""

    code: str
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefusedCode:
    """A code of a list that was left out; `index` counts from 0."""

    index: int
    code: str
    detail: str


def check_code(code: str, digital: str) -> None:
    """Stops what a buyer could not use.

    Raises:
        Refused: `bad_code`.
    """
    if not code or len(code) > CODE_MAX or not code.isprintable() or code.strip() != code:
        raise Refused("bad_code", f"A code is one line of at most {CODE_MAX} printable characters.")
    if digital == LINK:
        try:
            parts = urlsplit(code)
            good = parts.scheme == "https" and bool(parts.hostname) and " " not in code
        except ValueError:
            good = False
        if not good:
            raise Refused("bad_code", "A link begins with https:// and has no space in it.")


def without_codes(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says for whoever is not its buyer: which units were sent, not their codes."""
    units = data.get("deliveries")
    if not isinstance(units, list):
        return dict(data)
    plain = [
        {name: part for name, part in unit.items() if name != CONTENT}
        if isinstance(unit, dict)
        else unit
        for unit in units
    ]
    return {**data, "deliveries": plain}


def fingerprint(keyset: Keyset, item_id: int, code: str) -> bytes:
    """What a code of an item is known by without being read."""
    return hmac.digest(keyset.derive("digital code"), f"{item_id} {code}".encode(), sha256)


def sealed_hash(keyset: Keyset, said: bytes) -> bytes:
    """A hash of a request that holds codes, from which nobody guesses them."""
    return hmac.digest(keyset.derive("digital request"), said, sha256)

"""A command carries its own id: a repeat returns the first answer and changes nothing."""

import hashlib
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered: an HTTP-neutral outcome that can be stored and given again."""

    status: int
    body: dict[str, object]
    replayed: bool = False


def body_hash(body: object) -> bytes:
    """SHA-256 over the canonical JSON of a request, so that equal requests have equal hashes."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()

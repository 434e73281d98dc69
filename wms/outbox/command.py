"""A command carries its own id: a repeat returns the first answer and changes nothing."""

import hashlib
import json
from dataclasses import dataclass
from typing import Self

from wms.error import Refused

REFUSED = 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered: an HTTP-neutral outcome that can be stored and given again."""

    status: int
    body: dict[str, object]
    replayed: bool = False

    @classmethod
    def refused(cls, refusal: Refused) -> Self:
        """A refusal as an answer that can be kept."""
        body: dict[str, object] = {
            "code": refusal.code,
            "detail": refusal.detail,
            "pointer": refusal.pointer,
        }
        if refusal.facts:
            body["facts"] = refusal.facts
        return cls(REFUSED, body)

    def given(self) -> Self:
        """This answer, where it is not a refusal.

        Raises:
            Refused: what was refused, marked where it was given before.
        """
        if self.status != REFUSED:
            return self
        pointer, facts = self.body["pointer"], self.body.get("facts")
        assert facts is None or isinstance(facts, dict)
        raise Refused(
            str(self.body["code"]),
            str(self.body["detail"]),
            None if pointer is None else str(pointer),
            replayed=self.replayed,
            facts=facts,
        )


def body_hash(body: object) -> bytes:
    """SHA-256 over the canonical JSON of a request, so that equal requests have equal hashes."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).digest()

"""What can go wrong in the house's own words; only the border knows HTTP numbers."""

from collections.abc import Mapping


class WmsError(Exception):
    """A refusal that a caller can act on: a stable code, a plain sentence, and where it points.

    `replayed` says that it is the answer that the same request got before, `retry_after_s` when to
    try again. `facts` are numbers of the sentence, by name, for who would have to read them there.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        pointer: str | None = None,
        *,
        replayed: bool = False,
        retry_after_s: float | None = None,
        facts: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.replayed = replayed
        self.retry_after_s = retry_after_s
        self.facts = dict(facts or {})


class NotFound(WmsError):
    """What was asked for does not exist, or not for the one who asks."""


class Conflict(WmsError):
    """The thing is not in a state in which this can be done, or somebody else was first."""


class Refused(WmsError):
    """The request is well formed and breaks a rule."""

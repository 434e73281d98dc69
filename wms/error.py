"""What can go wrong in the house's own words; only the border knows HTTP numbers."""


class WmsError(Exception):
    """A refusal that a caller can act on: a stable code, a plain sentence, and where it points.

    `replayed` says that it is the answer that the same request got before.
    """

    def __init__(
        self, code: str, detail: str, pointer: str | None = None, *, replayed: bool = False
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.replayed = replayed


class NotFound(WmsError):
    """What was asked for does not exist, or not for the one who asks."""


class Conflict(WmsError):
    """The thing is not in a state in which this can be done, or somebody else was first."""


class Refused(WmsError):
    """The request is well formed and breaks a rule."""

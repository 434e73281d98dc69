"""How long to wait before the next connection to the broker."""

from dataclasses import dataclass

_FIRST_S = 0.05
_AWAY_S_MAX = 0.5
_YIELD_S = 1.0
_YIELD_S_MAX = 60.0
# A connection that lasted so long ended for a reason of its own.
_LASTED_S = 60.0
_HASTY_S = 3.0


@dataclass(slots=True)
class Pause:
    """Short while the broker is away, and growing where another client has our name.

    The broker cannot always say that it ended our session for another's, so connections that
    open and end at once count as that as well.
    """

    _away_s: float = _FIRST_S
    _hasty_s: float = _FIRST_S
    _yield_s: float = _YIELD_S / 2

    def unreachable(self) -> float:
        """Give the pause after an attempt that failed."""
        self._hasty_s = _FIRST_S
        self._away_s = min(2 * self._away_s, _AWAY_S_MAX)
        return self._away_s

    def ended(self, lasted_s: float, *, taken_over: bool) -> float:
        """Give the pause after a connection that ended."""
        self._away_s = _FIRST_S
        if taken_over:
            grown_s = min(2 * self._yield_s, _YIELD_S_MAX)
            self._yield_s = grown_s if lasted_s < _LASTED_S else _YIELD_S
            return self._yield_s
        self._hasty_s = min(2 * self._hasty_s, _YIELD_S_MAX) if lasted_s < _HASTY_S else _FIRST_S
        return self._hasty_s

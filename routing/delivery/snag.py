"""Why a vehicle cannot keep to a route."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snag:
    """The constraint that breaks, by its short name, and a sentence with its figures."""

    constraint: str
    reason: str


def told_span(seconds: int) -> str:
    """A length of time as a planner writes it: 1:05 h, or 1:05:30 h where seconds matter."""
    minutes, rest = divmod(seconds, 60)
    tail = f":{rest:02d}" if rest else ""
    return f"{minutes // 60}:{minutes % 60:02d}{tail} h"


def told_moment(seconds: int) -> str:
    """A moment on the problem's clock, as 14:05 or 14:05:30."""
    return told_span(seconds).removesuffix(" h")

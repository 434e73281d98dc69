"""What a claim on availability came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Short:
    """An item of which less is free than was wanted."""

    item_id: int
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Either an admission number, and all is claimed; or what fell short, and nothing is."""

    admission: int | None
    short: tuple[Short, ...] = ()

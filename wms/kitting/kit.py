"""What a kit takes, and which pieces come back out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from wms.error import Refused


@dataclass(frozen=True, slots=True)
class Piece:
    """A quantity of one component, of one lot or serial, in its smallest unit."""

    item_id: int
    quantity: int
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Stocked:
    """Free goods of a component in a bin."""

    balance_id: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class Made:
    """What is left in the kits of one assembly."""

    assembly_id: int
    pieces: tuple[Piece, ...]


def needed(quantity: int, scale: int, per_kit: dict[int, int]) -> dict[int, int]:
    """How much of each component so many of a kit take; `per_kit` is of one whole kit.

    Raises:
        Refused: `wrong_unit`, a part of a kit would take less than a smallest unit of a component.
    """
    one = 10**scale
    if any(quantity * each % one for each in per_kit.values()):
        raise Refused("wrong_unit", "Of so many kits the components do not come out.", "/quantity")
    return {item_id: quantity * each // one for item_id, each in per_kit.items()}


def take_stock(wanted: dict[int, int], bins: Sequence[Stocked]) -> list[Stocked] | None:
    """What is taken from which bin, in the bins' order; None where they hold too little."""
    left = dict(wanted)
    taken: list[Stocked] = []
    for bin in bins:
        quantity = min(bin.piece.quantity, left.get(bin.piece.item_id, 0))
        if quantity > 0:
            taken.append(replace(bin, piece=replace(bin.piece, quantity=quantity)))
            left[bin.piece.item_id] -= quantity
    return None if any(left.values()) else taken


def take_apart(
    wanted: dict[int, int], assemblies: Sequence[Made]
) -> tuple[list[tuple[int, Piece]], dict[int, int]]:
    """Which pieces come back, each with its assembly, and what no assembly accounts for.

    The last put together is the first to be taken apart: the first put together have been sold
    first.
    """
    left = dict(wanted)
    back: list[tuple[int, Piece]] = []
    for made in assemblies:
        for piece in made.pieces:
            quantity = min(piece.quantity, left.get(piece.item_id, 0))
            if quantity > 0:
                back.append((made.assembly_id, replace(piece, quantity=quantity)))
                left[piece.item_id] -= quantity
    return back, {item_id: quantity for item_id, quantity in left.items() if quantity}

"""What a shop keeps from sale, and what it keeps for one channel."""

from dataclasses import dataclass, field

from wms.error import Refused
from wms.items.unit import QUANTITY_MAX

CHANNELS_MAX = 50


@dataclass(frozen=True, slots=True)
class Policy:
    """Safety stock that no new order gets, and how much each channel has to itself.

    Quantities are in the item's smallest unit.

    Raises:
        Refused: `bad_quantity`, `bad_channel`, `too_many_channels`.
    """

    held_back: int = 0
    allocations: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(self.held_back, "/safety_stock")
        if len(self.allocations) > CHANNELS_MAX:
            raise Refused("too_many_channels", f"At most {CHANNELS_MAX} channels.", "/allocations")
        for channel, quantity in self.allocations.items():
            if not channel:
                raise Refused("bad_channel", "A channel has a name.", "/allocations")
            _check(quantity, f"/allocations/{channel}")


def _check(quantity: int, pointer: str) -> None:
    if not 0 <= quantity <= QUANTITY_MAX:
        raise Refused("bad_quantity", f"A quantity lies between 0 and {QUANTITY_MAX}.", pointer)

"""How an order's picks fill totes: a tote holds goods of one order only."""

from dataclasses import dataclass

from wms.picking.allocation import Pick, Want

TOTE_VOLUME_ML = 40_000
TOTE_MASS_G_MAX = 20_000
CART_SLOTS = 12
CART_MASS_G_MAX = CART_SLOTS * TOTE_MASS_G_MAX


@dataclass(frozen=True, slots=True)
class ToteLoad:
    """What goes into one tote; its id names the order and the number of the tote."""

    id: str
    fulfilment_order_id: int
    picks: tuple[Pick, ...]
    volume_ml: int
    mass_g: int


def fill_totes(picks: tuple[Pick, ...], *, by_zone: bool = False) -> list[ToteLoad]:
    """Fills totes order by order along the walk, splitting a line where a tote is full.

    A single unit that is larger or heavier than a tote has a tote's place of its own. `by_zone`
    keeps goods of different zones in different totes.
    """
    picks_of: dict[tuple[int, str], list[Pick]] = {}
    for pick in picks:
        zone = pick.bin.zone if by_zone else ""
        picks_of.setdefault((pick.want.fulfilment_order_id, zone), []).append(pick)
    loads: list[ToteLoad] = []
    filled: dict[int, int] = {}
    for (order_id, _), own in picks_of.items():
        own.sort(key=lambda pick: (pick.bin.walk_seq, pick.bin.balance_id, pick.want.line_id))
        for tote in _split(own):
            filled[order_id] = filled.get(order_id, 0) + 1
            name = f"{order_id}/{filled[order_id]}"
            loads.append(ToteLoad(name, order_id, tuple(tote), *_size(tote)))
    return loads


def _split(picks: list[Pick]) -> list[list[Pick]]:
    totes: list[list[Pick]] = [[]]
    volume_left = TOTE_VOLUME_ML * 1000
    mass_left = TOTE_MASS_G_MAX
    for pick in picks:
        left = pick.quantity
        while left:
            want = pick.want
            # Sizes are of a whole unit, of which a quantity may be a small part.
            fits = min(
                left,
                volume_left * want.whole // want.volume_mm3,
                mass_left * want.whole // want.mass_g,
            )
            if fits == 0 and totes[-1]:
                totes.append([])
                volume_left = TOTE_VOLUME_ML * 1000
                mass_left = TOTE_MASS_G_MAX
                continue
            taken = max(fits, 1)
            totes[-1].append(Pick(want, pick.bin, taken))
            volume_left = max(0, volume_left - volume_mm3(want, taken))
            mass_left = max(0, mass_left - mass_g(want, taken))
            left -= taken
    return [tote for tote in totes if tote]


def volume_mm3(want: Want, quantity: int) -> int:
    """The volume of a quantity, rounded up."""
    return -(-quantity * want.volume_mm3 // want.whole)


def mass_g(want: Want, quantity: int) -> int:
    """The mass of a quantity, rounded up."""
    return -(-quantity * want.mass_g // want.whole)


def _size(picks: list[Pick]) -> tuple[int, int]:
    filled_mm3 = sum(volume_mm3(pick.want, pick.quantity) for pick in picks)
    return -(-filled_mm3 // 1000), sum(mass_g(pick.want, pick.quantity) for pick in picks)

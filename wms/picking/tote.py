"""How an order's picks fill totes: a tote holds goods of one order only."""

from dataclasses import dataclass

from wms.picking.allocation import Pick

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


def fill_totes(picks: tuple[Pick, ...]) -> list[ToteLoad]:
    """Fills totes order by order along the walk, splitting a line where a tote is full.

    A single unit that is larger or heavier than a tote has a tote's place of its own.
    """
    picks_of: dict[int, list[Pick]] = {}
    for pick in picks:
        picks_of.setdefault(pick.want.fulfilment_order_id, []).append(pick)
    loads: list[ToteLoad] = []
    for order_id, own in picks_of.items():
        own.sort(key=lambda pick: (pick.bin.walk_seq, pick.bin.balance_id, pick.want.line_id))
        totes = _split(own)
        loads += [
            ToteLoad(f"{order_id}/{number}", order_id, tuple(tote), *_size(tote))
            for number, tote in enumerate(totes, start=1)
        ]
    return loads


def _split(picks: list[Pick]) -> list[list[Pick]]:
    totes: list[list[Pick]] = [[]]
    volume_left = TOTE_VOLUME_ML * 1000
    mass_left = TOTE_MASS_G_MAX
    for pick in picks:
        left = pick.quantity
        while left:
            fits = min(left, volume_left // pick.want.volume_mm3, mass_left // pick.want.mass_g)
            if fits == 0 and totes[-1]:
                totes.append([])
                volume_left = TOTE_VOLUME_ML * 1000
                mass_left = TOTE_MASS_G_MAX
                continue
            taken = max(fits, 1)
            totes[-1].append(Pick(pick.want, pick.bin, taken))
            volume_left = max(0, volume_left - taken * pick.want.volume_mm3)
            mass_left = max(0, mass_left - taken * pick.want.mass_g)
            left -= taken
    return [tote for tote in totes if tote]


def _size(picks: list[Pick]) -> tuple[int, int]:
    volume_mm3 = sum(pick.quantity * pick.want.volume_mm3 for pick in picks)
    return -(-volume_mm3 // 1000), sum(pick.quantity * pick.want.mass_g for pick in picks)

"""When contents go into a carton: by shape, mass and volume, without placing each unit.

Units stand on a grid if they are alike; of these the number is exact. Mixed contents are held to
a share of the carton's volume, and their large units to a share of the grids they would stand on.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations

from routing.pack.problem import Carton, PackItem

# Units of which at most this many stand in a carton are large: volume alone would mislead.
LARGE_COUNT_MAX = 8
# The least number that all counts from 1 to LARGE_COUNT_MAX divide.
LARGE_SHARES = 840

Contents = Sequence[tuple[PackItem, int]]


def stands_in(item: PackItem, carton: Carton) -> bool:
    """One unit goes into the empty carton by its edges."""
    return all(a <= b for a, b in zip(item.edges_mm, carton.edges_mm, strict=True))


def grid_count(item: PackItem, carton: Carton) -> int:
    """How many equal units stand in the carton, all turned the same way."""
    return _grid_count(item.edges_mm, carton.edges_mm)


@lru_cache(maxsize=65536)
def _grid_count(unit_mm: tuple[int, int, int], inner_mm: tuple[int, int, int]) -> int:
    a, b, c = inner_mm
    return max((a // x) * (b // y) * (c // z) for x, y, z in permutations(unit_mm))


def room_for(item: PackItem, carton: Carton, contents: Contents, fill_max: float) -> int:
    """How many units of an item that is not in it yet go into a carton with these contents."""
    if not stands_in(item, carton):
        return 0
    grid = grid_count(item, carton)
    mass_g = carton.mass_g_max - carton.tare_g - sum(i.mass_g * n for i, n in contents)
    by_mass = mass_g // item.mass_g if item.mass_g else grid * LARGE_SHARES
    volume_mm3 = int(fill_max * carton.volume_mm3) - sum(i.volume_mm3 * n for i, n in contents)
    by_volume = volume_mm3 // item.volume_mm3
    if not contents:
        by_volume = grid if grid <= LARGE_COUNT_MAX else max(grid, by_volume)
    elif grid <= LARGE_COUNT_MAX:
        shares = LARGE_SHARES - _large_shares(carton, contents)
        by_volume = min(by_volume, shares * grid // LARGE_SHARES)
    return max(0, min(by_mass, by_volume))


def holds(carton: Carton, contents: Contents, fill_max: float) -> bool:
    """All these contents go into one such carton."""
    if not all(stands_in(item, carton) for item, _ in contents):
        return False
    if len(contents) == 1:
        item, quantity = contents[0]
        return quantity <= room_for(item, carton, (), fill_max)
    mass_g = carton.tare_g + sum(item.mass_g * n for item, n in contents)
    volume_mm3 = sum(item.volume_mm3 * n for item, n in contents)
    return (
        mass_g <= carton.mass_g_max
        and volume_mm3 <= int(fill_max * carton.volume_mm3)
        and _large_shares(carton, contents) <= LARGE_SHARES
    )


def _large_shares(carton: Carton, contents: Contents) -> int:
    shares = 0
    for item, quantity in contents:
        grid = grid_count(item, carton)
        if grid <= LARGE_COUNT_MAX:
            shares += quantity * LARGE_SHARES // grid
    return shares

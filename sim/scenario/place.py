"""The warehouse: one block of 20 two-sided aisles with 3,000 bins, carts, a sorter, a dock.

An aisle has 25 bays on either side, odd ones on the left and even ones on the right, three levels
each. `x_mm` and `y_mm` are measured from the front end of the leftmost aisle; `aisle` counts from
0 as the plan's `depot_aisle` does, while the code that people read counts from 1.
"""

from dataclasses import dataclass

AISLES = 20
BAYS_A_SIDE = 25
LEVELS = 3
BAY_WIDTH_MM = 1_200
AISLE_PITCH_MM = 3_600
AISLE_LENGTH_MM = BAYS_A_SIDE * BAY_WIDTH_MM
DEPOT_AISLE = 9
BIN_VOLUME_ML = 200_000
PACKING_PLACES = 8
CARTS = 12
LATITUDE = 52.4068
LONGITUDE = -1.5197


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the warehouse is told of it."""

    code: str
    kind: str
    zone: str = ""
    aisle: int | None = None
    bay: int | None = None
    level: int | None = None
    x_mm: int | None = None
    y_mm: int | None = None
    walk_seq: int | None = None
    volume_ml: int | None = None
    lane: int | None = None


@dataclass(frozen=True, slots=True)
class Carton:
    """A carton type; all sides are inner ones."""

    code: str
    inner_width_mm: int
    inner_depth_mm: int
    inner_height_mm: int
    tare_g: int
    mass_g_max: int


CARTONS = (
    Carton("C-S", 250, 180, 120, 110, 5_000),
    Carton("C-M", 330, 250, 180, 220, 10_000),
    Carton("C-L", 430, 330, 250, 420, 20_000),
    Carton("C-XL", 540, 400, 320, 700, 30_000),
    Carton("C-XXL", 600, 500, 450, 1_100, 30_000),
)


def make_bins() -> list[Place]:
    """Give all bins, in the order of an S-shaped walk."""
    bins: list[Place] = []
    for aisle in range(AISLES):
        columns = range(BAYS_A_SIDE) if aisle % 2 == 0 else reversed(range(BAYS_A_SIDE))
        for column in columns:
            for side in range(2):
                for level in range(1, LEVELS + 1):
                    bins.append(_bin(aisle, column, side, level, len(bins) + 1))
    return bins


def _bin(aisle: int, column: int, side: int, level: int, walk_seq: int) -> Place:
    bay = 2 * column + side + 1
    return Place(
        code=f"A-{aisle + 1:02d}-{bay:02d}-{level}",
        kind="bin",
        zone="A",
        aisle=aisle,
        bay=bay,
        level=level,
        x_mm=aisle * AISLE_PITCH_MM + (900 if side else -900),
        y_mm=column * BAY_WIDTH_MM + BAY_WIDTH_MM // 2,
        walk_seq=walk_seq,
        volume_ml=BIN_VOLUME_ML,
    )


def make_places() -> list[Place]:
    """Give every place of the warehouse."""
    carts = [Place(f"CART-{number:02d}", "cart") for number in range(1, CARTS + 1)]
    packing = [
        Place(f"PACK-{lane:02d}", "packing", lane=lane) for lane in range(1, PACKING_PLACES + 1)
    ]
    return [
        *make_bins(),
        *carts,
        Place("CONVEYOR", "conveyor"),
        *packing,
        Place("DOCK-1", "departure"),
        Place("SUPPLIER", "supplier"),
        Place("CUSTOMER", "customer"),
        Place("LOSS", "loss"),
    ]


def make_warehouse() -> dict[str, object]:
    """Describe the warehouse itself."""
    return {
        "code": "MAIN",
        "name": "Coventry",
        "time_zone": "Europe/London",
        "aisles": AISLES,
        "aisle_length_mm": AISLE_LENGTH_MM,
        "aisle_pitch_mm": AISLE_PITCH_MM,
        "depot_aisle": DEPOT_AISLE,
        "latitude": LATITUDE,
        "longitude": LONGITUDE,
        "country": "GB",
        "subdivision": "ENG",
    }

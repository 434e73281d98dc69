"""Loads and carts as flat arrays, and the exact length of a cart's walk on them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from routing.pick.batch.problem import Cart, Load
from routing.pick.floor.layout import Layout
from routing.pick.tour.ratliff_rosenthal import Ints, note_pick, shortest

Picks = npt.NDArray[np.int16]


class Floor(NamedTuple):
    """The spots of all loads, by aisle and position, and each load's spots among them.

    spot_aisle, spot_mm: one entry a spot. Load k has the rising spots
    load_spot[load_start[k]:load_start[k + 1]] and mass_g[k]. The depot is the spot depot_spot,
    part of every walk. aisles, aisle_length_mm, aisle_pitch_mm, slots, mass_g_max as in the
    problem. A named tuple, since numba can take nothing else that has field names.
    """

    aisles: int
    aisle_length_mm: int
    aisle_pitch_mm: int
    slots: int
    mass_g_max: int
    depot_spot: int
    spot_aisle: Ints
    spot_mm: Ints
    load_start: Ints
    load_spot: Ints
    mass_g: Ints


def flatten(layout: Layout, cart: Cart, loads: Sequence[Load]) -> Floor:
    """The loads as flat arrays, load k being loads[k]."""
    depot = (layout.depot_aisle, 0)
    places = {(stop.aisle, stop.position_mm) for load in loads for stop in load.stops} | {depot}
    spots = {place: k for k, place in enumerate(sorted(places))}
    rows = [sorted({spots[stop.aisle, stop.position_mm] for stop in ld.stops}) for ld in loads]
    return Floor(
        aisles=layout.aisles,
        aisle_length_mm=layout.aisle_length_mm,
        aisle_pitch_mm=layout.aisle_pitch_mm,
        slots=cart.slots,
        mass_g_max=cart.mass_g_max,
        depot_spot=spots[depot],
        spot_aisle=np.array([aisle for aisle, _ in spots], np.int64),
        spot_mm=np.array([mm for _, mm in spots], np.int64),
        load_start=np.cumsum([0, *map(len, rows)], dtype=np.int64),
        load_spot=np.array([spot for row in rows for spot in row], np.int64),
        mass_g=np.array([load.mass_g for load in loads], np.int64),
    )


def part_of(floor: Floor, loads: Ints) -> Floor:
    """The floor with only these loads, numbered anew in the order given."""
    rows = [spots_of(floor, load) for load in loads]
    return floor._replace(
        load_start=np.cumsum([0, *map(len, rows)], dtype=np.int64),
        load_spot=np.concatenate(rows),
        mass_g=floor.mass_g[loads],
    )


@njit(cache=True)
def spots_of(floor: Floor, load: int) -> Ints:
    """The rising spots of one load."""
    return floor.load_spot[floor.load_start[load] : floor.load_start[load + 1]]


@njit(cache=True)
def scratch(floor: Floor) -> Ints:
    """Room for the lengths below to work in, made once for many calls."""
    return np.empty((3, floor.aisles, 7), np.int64)


@njit(cache=True)
def union_length(floor: Floor, left: Ints, right: Ints, work: Ints) -> int:
    """The shortest walk past two rising lists of spots, at least one not empty, in mm."""
    summary = work[0]
    summary[:, 1] = -1
    i, j = 0, 0
    while i < left.shape[0] or j < right.shape[0]:
        if j == right.shape[0] or (i < left.shape[0] and left[i] <= right[j]):
            spot = left[i]
            i += 1
        else:
            spot = right[j]
            j += 1
        note_pick(summary, floor.spot_aisle[spot], floor.spot_mm[spot])
    return shortest(summary, floor.aisle_length_mm, floor.aisle_pitch_mm, work[1], work[2])


@njit(cache=True)
def cart_length(floor: Floor, picks: Picks, work: Ints) -> int:
    """The shortest walk of a cart that picks picks[k] times at spot k, in mm."""
    summary = work[0]
    summary[:, 1] = -1
    for spot in range(floor.spot_mm.shape[0]):
        if picks[spot] > 0:
            note_pick(summary, floor.spot_aisle[spot], floor.spot_mm[spot])
    return shortest(summary, floor.aisle_length_mm, floor.aisle_pitch_mm, work[1], work[2])

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from routing.chance import seeded
from routing.effort import Effort
from routing.pick.wave.annealing import Search, Stretch, anneal
from routing.pick.wave.bound import content_bound, relaxed_bound
from routing.pick.wave.enumeration import Target, enumerate_better, is_enumerable
from routing.pick.wave.flat import Wave, compact
from routing.pick.wave.packing import OPEN, UNITS, Packing, empty_packing, pack_afresh
from routing.pick.wave.trim import surplus
from tests.routing.pick.wave.scene import a_wave, best_of_all


def _a_search(wave: Wave) -> tuple[Packing, Search]:
    packing = empty_packing(wave)
    search = Search(
        np.zeros(2, np.int64),
        np.zeros(wave.aisles, np.int64),
        np.zeros(wave.orders, np.uint8),
        np.array([2.0, 0.0, 0.0, 1.0]),
        np.zeros(wave.aisles),
        np.zeros(wave.aisles),
        seeded(5),
    )
    pack_afresh(wave, packing, np.arange(wave.aisles // 2), search.chance)
    return packing, search


def _waves(seed: int, count: int) -> list[Wave]:
    rng = Random(seed)
    waves = (compact(a_wave(rng)).wave for _ in range(count))
    return [wave for wave in waves if wave.orders]


@pytest.mark.parametrize("fixed", [False, True])
def test_a_run_in_pieces_takes_the_same_steps_as_the_whole(fixed: bool) -> None:
    for wave in _waves(1, 20):
        ends = []
        for cuts in ((0, 500), (0, 1, 63, 64, 200, 500)):
            packing, search = _a_search(wave)
            for start, stop in pairwise(cuts):
                anneal(wave, packing, search, Stretch(start, stop, 500, 3.0, 0.1, fixed, 0.3))
            ends.append((packing.packed.tolist(), packing.aisles.tolist(), search.best.tolist()))
        assert ends[0] == ends[1]


@pytest.mark.parametrize("fixed", [False, True])
def test_what_is_left_in_the_open_aisles_is_what_they_hold_less_what_is_packed(
    fixed: bool,
) -> None:
    for wave in _waves(2, 40):
        packing, search = _a_search(wave)
        anneal(wave, packing, search, Stretch(0, 300, 300, 3.0, 0.1, fixed, 0.3))
        held = np.zeros(wave.items, np.int64)
        for aisle in packing.aisles[: packing.tally[OPEN]]:
            lines = slice(wave.aisle_start[aisle], wave.aisle_start[aisle + 1])
            held[wave.aisle_item[lines]] += wave.aisle_quantity[lines]
        for order in np.flatnonzero(packing.packed):
            lines = slice(wave.order_start[order], wave.order_start[order + 1])
            held[wave.order_item[lines]] -= wave.order_quantity[lines]
        assert (held == packing.slack).all()
        assert (held >= 0).all()
        assert packing.tally[UNITS] == wave.units[packing.packed > 0].sum()
        assert sorted(packing.aisles) == list(range(wave.aisles))
        if fixed:
            assert packing.tally[OPEN] == wave.aisles // 2


def test_no_choice_is_above_a_bound() -> None:
    rng = Random(3)
    for _ in range(60):
        problem = a_wave(rng)
        best = best_of_all(problem)
        wave = compact(problem).wave
        if best is None or not wave.orders:
            continue
        assert best[1] <= content_bound(wave) + 1e-9
        relaxed = relaxed_bound(wave, 10.0)
        assert relaxed is not None
        assert best[1] <= relaxed + 1e-9


def test_a_walk_through_all_sets_of_aisles_finds_what_is_better_and_nothing_else() -> None:
    rng = Random(4)
    seen = set()
    for _ in range(150):
        problem = a_wave(rng, lines=1)
        best = best_of_all(problem)
        wave = compact(problem).wave
        if best is None or not wave.orders or best[1] == 0:
            continue
        assert is_enumerable(wave)
        clock = Effort(seconds=3_600.0).left()
        for aisles in range(1, 4):
            units = rng.randint(1, 12)
            answer = enumerate_better(wave, Target(units, aisles), clock, 60.0, 10**6)
            better = best[1] > units / aisles + 1e-9
            # Whether orders fill units_max to the last unit is not looked at.
            assert answer.complete or answer.aisles is not None
            assert not (better and answer.complete)
            seen.add((better, answer.complete))
    assert {(True, False), (False, True)} <= seen


def test_what_is_dropped_from_a_wave_too_large_is_as_little_as_can_be() -> None:
    rng = Random(5)
    for wave in _waves(6, 60):
        packed = np.array([rng.random() < 0.8 for _ in range(wave.orders)], np.uint8)
        must = np.array([rng.random() < 0.2 for _ in range(wave.orders)], np.uint8)
        wave = wave._replace(must=must, units_max=rng.randint(0, 15))
        units = int(wave.units[packed > 0].sum())
        loose = wave.units[(packed > 0) & (must == 0)].tolist()
        sums = {0}
        for size in loose:
            sums |= {total + size for total in sums}
        excess = min(max(0, units - wave.units_max), sum(loose))
        dropped = surplus(wave, packed)
        assert wave.units[dropped].sum() == min(total for total in sums if total >= excess)
        assert len(set(dropped.tolist())) == len(dropped)
        assert all(packed[order] and not must[order] for order in dropped)

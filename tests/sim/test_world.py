"""The world: units are moved, never made and never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sim.world import POOL, Impossible, World

SKUS = ("22423", "85123A")
HOLDERS = ("bin A-01-01-1", "bin A-01-02-1", "tote T-00001", "hand B-01", "carton PACK-01")


class Hands(RuleBasedStateMachine):
    """People who try anything."""

    @initialize(
        opening=st.lists(
            st.tuples(st.sampled_from(HOLDERS), st.sampled_from(SKUS), st.integers(0, 9)),
            max_size=12,
        )
    )
    def fill(self, opening: list[tuple[str, str, int]]) -> None:
        self.world = World(["T-00001"])
        self.totals = dict.fromkeys(SKUS, 0)
        for holder, sku, quantity in opening:
            self.world.place(holder, sku, quantity)
            self.totals[sku] += quantity

    @rule(
        sku=st.sampled_from(SKUS),
        quantity=st.integers(-2, 12),
        source=st.sampled_from(HOLDERS),
        goal=st.sampled_from(HOLDERS),
    )
    def move(self, sku: str, quantity: int, source: str, goal: str) -> None:
        there, before = self.world.quantity(source, sku), self.world.quantity(goal, sku)
        possible = 0 < quantity <= there and source != goal
        if not possible:
            with pytest.raises(Impossible):
                self.world.move(sku, quantity, source, goal)
            assert self.world.quantity(source, sku) == there
            return
        self.world.move(sku, quantity, source, goal)
        assert self.world.quantity(source, sku) == there - quantity
        assert self.world.quantity(goal, sku) == before + quantity

    @rule(source=st.sampled_from(HOLDERS), goal=st.sampled_from(HOLDERS))
    def pour(self, source: str, goal: str) -> None:
        if source != goal:
            self.world.pour(source, goal)
            assert self.world.units(source) == {}

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        for sku, total in self.totals.items():
            assert self.world.total(sku) == total
        for holder in HOLDERS:
            assert all(quantity > 0 for quantity in self.world.units(holder).values())


TestHands = Hands.TestCase


def test_three_cannot_be_taken_from_a_bin_that_holds_two() -> None:
    world = World([])
    world.place("bin A-01-01-1", "22423", 2)
    with pytest.raises(Impossible, match="2 lie there"):
        world.move("22423", 3, "bin A-01-01-1", "hand B-01")


def test_a_tote_that_is_not_empty_does_not_go_back_to_the_pool() -> None:
    world = World(["T-00001", "T-00002"])
    tote = world.take_tote()
    world.stand(tote, "cart CART-01")
    world.place(f"tote {tote}", "22423", 1)
    with pytest.raises(Impossible):
        world.return_tote(tote)
    world.pour(f"tote {tote}", "carton PACK-01")
    world.return_tote(tote)
    assert world.whereabouts(tote) == POOL
    assert world.standing("cart CART-01") == []
    assert [world.take_tote(), world.take_tote()] == ["T-00002", "T-00001"]
    with pytest.raises(Impossible):
        world.take_tote()


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(("rack", "belt", "van")))))
def test_a_tote_stands_in_one_spot_only(walk: list[tuple[str, str]]) -> None:
    world = World([])
    last: dict[str, str] = {}
    for tote, spot in walk:
        world.stand(tote, spot)
        last[tote] = spot
    for spot in ("rack", "belt", "van"):
        assert set(world.standing(spot)) == {tote for tote, at in last.items() if at == spot}

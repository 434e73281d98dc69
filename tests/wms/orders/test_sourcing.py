"""Where an order ships from: the best of all ways, on cases small enough to try them all."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as some

from wms.orders.nearness import Source
from wms.orders.sourcing import (
    Choice,
    Need,
    Plan,
    Portion,
    Stock,
    complete,
    fill,
    plan_available,
    plan_together,
    short_of,
)

NAMES = {1: "MAIN", 2: "EAST", 3: "WEST"}


def choice(free: Stock, coming: Stock | None = None, **far: int) -> Choice:
    """Warehouses 1, 2, 3 by their names, as far as is said or in this order."""
    sources = tuple(Source(number, name) for number, name in NAMES.items() if number in free)
    distance = {number: far.get(NAMES[number], number) for number in free}
    return Choice(sources, distance, free, coming or {})


def of(item: int, units: int, line: int = 1, each: int = 1) -> Need:
    return Need(line, units, ((item, each),))


def shipped(plan: Plan | None) -> list[tuple[int, Portion, bool]]:
    assert plan is not None
    return [(part.warehouse_id, part.units, part.waits) for part in plan.parts]


def test_the_nearest_that_has_all_ships_it() -> None:
    plan = plan_together(
        [of(7, 2)], choice({1: {7: 5}, 2: {7: 5}}, EAST=1, MAIN=9), backorder=False
    )
    assert shipped(plan) == [(2, {1: 2}, False)]
    assert plan is not None and plan.parts[0].reason == "EAST is nearest and has all"


def test_one_far_away_that_has_all_comes_before_two_near_ones_together() -> None:
    needs = [of(7, 1, 1), of(8, 1, 2)]
    plan = plan_together(needs, choice({1: {7: 1}, 2: {8: 1}, 3: {7: 1, 8: 1}}), backorder=False)
    assert shipped(plan) == [(3, {1: 1, 2: 1}, False)]
    assert plan is not None and plan.parts[0].reason == "WEST is the nearest that has all"


def test_where_none_has_all_the_fewest_parcels_win_and_then_the_way() -> None:
    needs = [of(7, 1, 1), of(8, 1, 2)]
    free = {1: {7: 1}, 2: {8: 1}, 3: {8: 1}}
    plan = plan_together(needs, choice(free, EAST=50, WEST=3), backorder=False)
    assert shipped(plan) == [(1, {1: 1}, False), (3, {2: 1}, False)]
    assert plan is not None
    assert plan.parts[0].reason == "MAIN and WEST together have all, in the fewest parcels"


def test_a_line_is_split_by_its_units_and_a_pack_is_never_opened() -> None:
    free = {1: {7: 10}, 2: {7: 10}}
    assert shipped(plan_together([of(7, 15)], choice(free), backorder=False)) == [
        (1, {1: 10}, False),
        (2, {1: 5}, False),
    ]
    assert plan_together([of(7, 3, each=6)], choice(free), backorder=False) is None


def test_a_bundle_s_parts_come_from_one_place() -> None:
    bundle = Need(1, 2, ((7, 1), (8, 1)))
    assert plan_together([bundle], choice({1: {7: 2}, 2: {8: 2}}), backorder=False) is None
    plan = plan_together([bundle], choice({1: {7: 2, 8: 1}, 2: {7: 1, 8: 2}}), backorder=False)
    assert shipped(plan) == [(1, {1: 1}, False), (2, {1: 1}, False)]


def test_lines_that_want_the_same_goods_share_them_where_they_can() -> None:
    # The pack has to go where there are six of them, though the single ones come first.
    needs = [of(7, 3, 1), of(7, 1, 2, each=6)]
    found = complete(needs, [1, 2], {1: 1, 2: 2}, {1: {7: 6}, 2: {7: 3}})
    assert found == {1: {2: 1}, 2: {1: 3}}


def test_what_waits_is_not_split() -> None:
    needs = [of(7, 1, 1), of(8, 1, 2)]
    apart = choice({1: {7: 1}, 2: {}}, {1: {}, 2: {8: 1}})
    assert plan_together(needs, apart, backorder=True) is None
    one = choice({1: {7: 1}, 2: {7: 1}}, {1: {}, 2: {8: 1}})
    plan = plan_together(needs, one, backorder=True)
    assert shipped(plan) == [(2, {1: 1, 2: 1}, True)]
    assert plan_together(needs, one, backorder=False) is None


def test_goods_that_are_there_come_before_goods_on_their_way() -> None:
    both = choice({1: {7: 0}, 2: {7: 4}}, {1: {7: 9}, 2: {}})
    assert shipped(plan_together([of(7, 4)], both, backorder=True)) == [(2, {1: 4}, False)]


def test_what_is_there_ships_what_comes_waits_and_the_rest_is_left() -> None:
    plan = plan_available([of(7, 10)], choice({1: {7: 4}}, {1: {7: 5}}))
    assert shipped(plan) == [(1, {1: 4}, False), (1, {1: 5}, True)]
    assert plan is not None and plan.left == {1: 1}
    assert plan_available([of(7, 10)], choice({1: {7: 0}})) is None


def test_a_bundle_that_waits_for_one_of_its_parts_keeps_the_other() -> None:
    bundle = Need(1, 2, ((7, 1), (8, 1)))
    plan = plan_available([bundle], choice({1: {7: 2, 8: 1}}, {1: {8: 3}}))
    assert shipped(plan) == [(1, {1: 1}, False), (1, {1: 1}, True)]
    assert plan is not None and plan.left == {}


def test_a_refusal_names_what_is_missing() -> None:
    needs = [of(7, 5, 1), of(8, 1, 2)]
    assert short_of(needs, choice({1: {7: 2, 8: 1}, 2: {7: 2}}), backorder=False) == [(7, 5, 4)]
    packs = [of(7, 2, each=6)]
    assert short_of(packs, choice({1: {7: 11}, 2: {7: 5}}), backorder=False) == [(7, 12, 6)]


def test_many_warehouses_are_thinned_out_rather_than_all_tried() -> None:
    near = list(range(1, 41))
    stock = {number: {number: 1} if number > 20 else {} for number in near}
    needs = [of(number, 1, number) for number in near if number > 20]
    found = complete(needs, near, {number: number for number in near}, stock)
    assert found is not None and sorted(found) == near[20:]


# The law: as good as the best of all ways, which are tried one by one.

ITEMS = (1, 2)
stocks = some.dictionaries(
    some.sampled_from((1, 2, 3)),
    some.fixed_dictionaries({item: some.integers(0, 3) for item in ITEMS}),
    min_size=1,
)
each = some.one_of(
    some.tuples(some.tuples(some.sampled_from(ITEMS), some.integers(1, 2))),
    some.just(((1, 1), (2, 1))),
)
needed = some.lists(some.tuples(some.integers(1, 3), each), min_size=1, max_size=3).map(
    lambda rows: [Need(line, units, wants) for line, (units, wants) in enumerate(rows, start=1)]
)


def ways(needs: Sequence[Need], chosen: Sequence[int]) -> Iterator[dict[int, Portion]]:
    """Every way to give all units of the lines to these warehouses."""
    shares = [
        [
            way
            for way in product(range(need.units + 1), repeat=len(chosen))
            if sum(way) == need.units
        ]
        for need in needs
    ]
    for way in product(*shares):
        yield {
            number: {need.line: way[n][index] for n, need in enumerate(needs) if way[n][index]}
            for index, number in enumerate(chosen)
        }


def fits(needs: Sequence[Need], portions: Mapping[int, Portion], stock: Stock) -> bool:
    each_of = {need.line: need.each for need in needs}
    for number, portion in portions.items():
        taken: dict[int, int] = {}
        for line, units in portion.items():
            for item, quantity in each_of[line]:
                taken[item] = taken.get(item, 0) + units * quantity
        if any(quantity > stock[number].get(item, 0) for item, quantity in taken.items()):
            return False
    return True


def had(needs: Sequence[Need], chosen: Sequence[int], stock: Stock) -> bool:
    return any(fits(needs, way, stock) for way in ways(needs, chosen))


@given(needs=needed, stock=stocks, far=some.permutations((3, 5, 9)))
def test_no_other_way_has_fewer_parcels_or_the_same_and_a_shorter_way(
    needs: list[Need], stock: dict[int, dict[int, int]], far: list[int]
) -> None:
    distance = dict(zip((1, 2, 3), far, strict=True))
    near = sorted(stock, key=lambda number: distance[number])
    best = min(
        (
            (size, sum(distance[number] for number in chosen))
            for size in range(1, len(near) + 1)
            for chosen in combinations(near, size)
            if had(needs, chosen, stock)
        ),
        default=None,
    )
    found = complete(needs, near, distance, stock)
    if found is None:
        assert best is None
        return
    assert best == (len(found), sum(distance[number] for number in found))
    assert fits(needs, found, stock)
    for need in needs:
        assert sum(portion.get(need.line, 0) for portion in found.values()) == need.units


@given(needs=needed, stock=stocks)
def test_each_line_is_filled_as_far_as_the_earlier_ones_leave_it(
    needs: list[Need], stock: dict[int, dict[int, int]]
) -> None:
    near = sorted(stock)
    filled = fill(needs, near, stock)
    assert had(filled, near, stock)
    for index, need in enumerate(filled):
        if need.units < needs[index].units:
            more = [*filled[:index], need.of(need.units + 1)]
            assert not had(more, near, stock)


@given(needs=needed, free=stocks, coming=stocks)
def test_what_ships_what_waits_and_what_is_left_are_all_of_it(
    needs: list[Need], free: dict[int, dict[int, int]], coming: dict[int, dict[int, int]]
) -> None:
    coming = {number: goods for number, goods in coming.items() if number in free}
    plan = plan_available(needs, choice(free, coming))
    if plan is None:
        return
    for need in needs:
        parts = sum(part.units.get(need.line, 0) for part in plan.parts)
        assert parts + plan.left.get(need.line, 0) == need.units
    now = {part.warehouse_id: part.units for part in plan.parts if not part.waits}
    assert fits(needs, now, free)

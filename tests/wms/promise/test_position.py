"""What could be promised: now, and what each later moment adds."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from wms.promise.position import Atp, Coming, Position, available_to_promise

DAY = timedelta(days=1)


def position(
    sellable: int = 0, promised: int = 0, held_back: int = 0, elsewhere: int = 0,
    backordered: int = 0, coming: tuple[tuple[int, int], ...] = (),
) -> Position:  # fmt: skip
    return Position(
        1, 1, "MAIN", sellable, promised, held_back, elsewhere, sum(n for _, n in coming),
        backordered, tuple(Coming(NOW + days * DAY, n) for days, n in coming),
    )  # fmt: skip


def test_what_is_held_back_or_another_s_is_not_offered() -> None:
    assert available_to_promise(position(10, 3, 2, 1)) == [Atp(None, 4)]
    assert available_to_promise(position(10, 8, 5)) == [Atp(None, 0)]


def test_who_waits_takes_what_comes_first() -> None:
    steps = available_to_promise(position(0, backordered=7, coming=((1, 5), (2, 5), (3, 1))))
    assert steps == [Atp(None, 0), Atp(NOW + 2 * DAY, 3), Atp(NOW + 3 * DAY, 1)]


def test_two_supplies_of_one_moment_are_one_step() -> None:
    steps = available_to_promise(position(2, coming=((1, 5), (1, 4))))
    assert steps == [Atp(None, 2), Atp(NOW + DAY, 9)]


quantities = st.integers(0, 50)


@given(
    st.lists(st.tuples(st.integers(0, 9), quantities), max_size=6),
    st.tuples(quantities, quantities, quantities),
    quantities,
)
def test_the_steps_add_up_to_what_is_free(
    coming: list[tuple[int, int]], numbers: tuple[int, int, int], waiting: int
) -> None:
    sellable, promised, held_back = numbers
    ordered = tuple(sorted(coming))
    inbound = sum(quantity for _, quantity in ordered)
    at = position(
        sellable + promised, promised, held_back, backordered=min(waiting, inbound), coming=ordered
    )
    now, *later = available_to_promise(at)
    assert now == Atp(None, max(0, sellable - held_back))
    assert sum(step.quantity for step in later) == inbound - min(waiting, inbound)
    assert all(step.quantity > 0 and step.at is not None for step in later)
    moments = [step.at for step in later if step.at is not None]
    assert moments == sorted(set(moments))

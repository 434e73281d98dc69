"""Whatever is received, moved, picked, lost and handed over: no unit appears or vanishes."""

from collections import Counter

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import BINS
from tests.wms.stock.shelf import Shelf, Undone, new_shelf, on_hand, post
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.stock.queries import check_ledger

SKUS = ("MUG", "CUP")
KINDS = {
    "receive": ("SUPPLIER", None),
    "move": (None, None),
    "pick": (None, "CART-01"),
    "lose": (None, "LOSS"),
    "find": ("LOSS", None),
    "hand_over": ("CART-01", "CUSTOMER"),
}
VIRTUAL = {"SUPPLIER", "CUSTOMER", "LOSS"}

Step = tuple[str, str, str, str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)),
        st.sampled_from(SKUS),
        st.sampled_from(BINS[:3]),
        st.sampled_from(BINS[:3]),
        st.integers(1, 9),
    ).filter(lambda step: step[0] != "move" or step[2] != step[3]),
    max_size=12,
)


def _ends(step: Step) -> tuple[str, str]:
    kind, _, source, target, _ = step
    return KINDS[kind][0] or source, KINDS[kind][1] or target


async def _play(connection: asyncpg.Connection, shelf: Shelf, played: list[Step]) -> None:
    held: Counter[tuple[str, str]] = Counter()
    entered: Counter[str] = Counter()
    for step in played:
        kind, sku, _, _, quantity = step
        source, target = _ends(step)
        line = shelf.line(sku, quantity, source, target)
        if source not in VIRTUAL and held[sku, source] < quantity:
            with pytest.raises(Conflict):
                async with connection.transaction():
                    await post(connection, shelf, kind, line)
            continue
        await post(connection, shelf, kind, line)
        if source in VIRTUAL:
            entered[sku] += quantity
        else:
            held[sku, source] -= quantity
        if target in VIRTUAL:
            entered[sku] -= quantity
        else:
            held[sku, target] += quantity
    balances = await on_hand(connection, shelf)
    assert balances == dict(+held)
    for sku in SKUS:
        assert sum(n for (own, _), n in balances.items() if own == sku) == entered[sku]
    assert await check_ledger(connection) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=steps)
async def test_movements_conserve_stock(pool: asyncpg.Pool, played: list[Step]) -> None:
    shelf = await new_shelf(pool, *SKUS)
    with pytest.raises(Undone):
        async with staff_transaction(pool) as connection:
            await _play(connection, shelf, played)
            raise Undone

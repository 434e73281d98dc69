"""What is no order is refused with its reason, and leaves nothing behind."""

import random
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from api.app import create
from api.demo.stage import enter_scenario
from api.settings import Settings
from api.wiring import House
from sim.scenario.file import make_scenario, write_scenario
from tests import builders
from tests.api.service import bearer, is_problem, unique
from tests.key import KEYSET

CODES = {
    "cancellation": "invalid_body",
    "negative_quantity": "invalid_body",
    "charge_lines": "unknown_item",
    "charges_only": "unknown_item",
}


async def test_every_dirty_posting_is_refused_and_nothing_of_it_is_kept(
    database: str, pool: asyncpg.Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = make_scenario(300, seed=7, first_port=40_000)
    write_scenario(scenario, tmp_path)
    keys = await enter_scenario(House(Settings(), pool, random.Random(7), KEYSET), tmp_path)
    monkeypatch.setenv("STOWLINE_DATABASE_URL", database)
    app = create()
    transport = httpx.ASGITransport(app)
    refused: dict[str, int] = {}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://stowline.test") as client,
    ):
        for posting in scenario.postings:
            if posting.clean:
                continue
            headers = bearer(keys.shop) | {"Idempotency-Key": unique("key")}
            answer = await client.post("/v1/orders", json=posting.body, headers=headers)
            found = is_problem(answer, 422, CODES[posting.why])
            assert found.pointer is not None
            _points_at_the_dirt(posting.body, found.pointer, posting.why)
            if CODES[posting.why] == "unknown_item":
                assert "shipping" in found.detail
            refused[posting.why] = refused.get(posting.why, 0) + 1
    assert refused.keys() >= {"cancellation", "negative_quantity", "charge_lines"}
    # Only the refusals themselves are kept, so that a repeat is refused in the same words.
    assert await builders.value(pool, "select min(status) from command") == 422
    for table in ("shop_order", "order_line", "promise", "event", "outbox", "job"):
        assert await builders.value(pool, f"select count(*) from {table}") == 0, table
    assert await builders.value(pool, "select sum(promised) from availability") == 0


def _points_at_the_dirt(body: dict[str, Any], pointer: str, why: str) -> None:
    _, lines, number, field = pointer.split("/")
    assert lines == "lines"
    line = body["lines"][int(number)]
    if CODES[why] == "invalid_body":
        assert field == "quantity"
        assert line["quantity"] < 0
    else:
        assert field == "sku"

"""A departure's page in a browser: planned by the running house, and changed by a planner."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.key import KEYSET
from tests.pages.browser import DESK, RunningHouse, Visit, chromium, visit
from tests.pages.test_console import console
from tests.patience import PATIENCE_MS
from wms.database.pool import open_pool, staff_transaction
from wms.shipping.commands import set_carrier
from wms.shipping.route_commands import enter_van
from wms.shipping.van import Van

PARCELS = 6
PLANNED_MS = 3 * PATIENCE_MS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def departure(running_house: RunningHouse, database: str) -> int:
    """An open departure of own vans with some parcels at the dock; its number."""
    # The browser's own loop runs in this thread; ours needs another.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _put_out(database)).result()


async def _put_out(database: str) -> int:
    async with (
        await open_pool(database, application="test", keyset=KEYSET) as pool,
        staff_transaction(pool) as connection,
    ):
        warehouse = await connection.fetchrow("select id, latitude, longitude from warehouse")
        carrier = await connection.fetchrow("select id, code from carrier")
        assert warehouse is not None and carrier is not None
        # Vans are back by midnight, so it is about noon there at whatever hour this runs.
        await connection.execute(
            "update warehouse set time_zone = 'Etc/GMT' || "
            "to_char(extract(hour from now() at time zone 'UTC') - 12, 'FMSG99')"
        )
        await set_carrier(connection, carrier["code"], None, own_vans=True)
        for code in ("VAN-1", "VAN-2"):
            van = Van(
                code=code,
                mass_g_max=1_000_000,
                volume_ml_max=8_000_000,
                shift_from=time(),
                shift_to=time(23, 59),
            )
            await enter_van(connection, warehouse["id"], van)
        departure_id: int = await connection.fetchval(
            "insert into departure (warehouse_id, carrier_id, place_id, opened_at, kind) "
            "select $1, $2, id, now(), 'own_vans' from place where kind = 'departure' limit 1 "
            "returning id",
            warehouse["id"],
            carrier["id"],
        )
        await connection.execute(
            "insert into departure_parcel (parcel_id, departure_id, tenant_id, staged_at) "
            "select p.id, $1, p.tenant_id, now() from parcel p join waybill w "
            "on w.parcel_id = p.id and w.state = 'made' order by p.id limit $2",
            departure_id,
            PARCELS,
        )
        near: dict[str, Any] = {"latitude": warehouse["latitude"] + 0.1}
        near["longitude"] = warehouse["longitude"]
        # The scenario's addresses lie all over the country; no van comes there in a day.
        await connection.execute(
            "update shop_order o set ship_to = ship_to || $1 from fulfilment_order f "
            "join parcel p on p.fulfilment_order_id = f.id "
            "join departure_parcel d on d.parcel_id = p.id where f.order_id = o.id",
            near,
        )
        return departure_id


@pytest.fixture
def opened(browser: Browser, running_house: RunningHouse, departure: int) -> Iterator[Visit]:
    """The departure's page with a planner signed in."""
    with visit(browser, DESK) as opened:
        opened.page.goto(console(running_house, f"/departures/{departure}"))
        opened.page.get_by_label("Badge").fill(running_house.planner_badge)
        opened.page.get_by_label("PIN").fill(running_house.planner_pin)
        opened.page.get_by_role("button", name="Sign in").click()
        expect(opened.page.locator(".light")).to_contain_text("Live")
        yield opened


def _planned(page: Page) -> None:
    """Until the routes that were asked for stand."""
    expect(page.locator("svg.map")).to_be_visible(timeout=PLANNED_MS)
    expect(page.locator(".seeking")).to_have_count(0, timeout=PLANNED_MS)


def test_a_planner_has_routes_planned_and_locks_a_stop(opened: Visit) -> None:
    page = opened.page
    expect(page.get_by_text("No routes yet")).to_be_visible()
    page.get_by_role("button", name="Plan routes").click()
    page.get_by_role("button", name="Plan", exact=True).click()
    _planned(page)
    rows = page.locator("table.stops tbody tr")
    expect(rows.nth(1)).to_be_visible()
    # Two parcels may be of one order.
    stops = rows.count()
    assert 1 < stops <= PARCELS
    expect(page.locator("svg.map .route circle")).to_have_count(stops)
    expect(page.locator(".source")).to_contain_text("Straight lines")
    expect(page.locator("svg.strip .van-row")).to_have_count(1)
    van = page.locator("table.vans .swatched").first.inner_text()
    other = "VAN-2" if van == "VAN-1" else "VAN-1"
    turns = [
        int(text.rstrip("."))
        for text in page.locator("table.stops td:nth-child(6)").all_inner_texts()
    ]
    assert turns == list(range(stops, 0, -1))

    page.locator(".change").first.click()
    page.get_by_label("Goes by").click()
    page.get_by_role("option", name=other).click()
    page.get_by_role("button", name="Keep and plan anew").click()
    expect(page.locator(".dialog.wish")).to_have_count(0)
    # All doors are one, so the others may go along.
    expect(page.locator("table.vans a", has_text=other)).to_be_visible(timeout=PLANNED_MS)
    page.locator("table.vans a", has_text=other).click()
    expect(page).to_have_url(re.compile(f"van={other}"))
    expect(page.locator('[data-wish="locked"]')).to_have_text(f"locked to {other}")
    expect(page.locator("svg.map .route[data-faded=no]")).to_have_count(1)
    assert not opened.errors


def test_an_older_version_is_shown_and_says_so(opened: Visit) -> None:
    page = opened.page
    page.locator("tr[data-key='1'] a.strong").first.click()
    expect(page).to_have_url(re.compile("version=1"))
    expect(page.get_by_text("which is superseded")).to_be_visible()
    page.get_by_text("Show the one that stands").click()
    expect(page.get_by_text("which is superseded")).to_have_count(0)

"""The planner's page of stock in a browser: forecast by the jobs role, decided by a planner."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.serve import Supervisor
from api.settings import Settings
from tests.builders import enter_house
from tests.key import DATA_KEYS, KEYSET
from tests.pages.browser import DESK, Visit, chromium, visit
from tests.patience import PATIENCE_MS, PATIENCE_S
from tests.port import own_port
from tests.wms.journey.replenish.season import (
    bought_from,
    leave,
    second_warehouse,
    sell,
    seller,
)
from wms.database.pool import open_pool, staff_transaction
from wms.journey import entry
from wms.tenants.staff import Role

BADGE, PIN = "B-PLAN", "1234"
FORECAST_MS = 3 * PATIENCE_MS
STEADY = (4, 6, 5, 5, 7, 4, 5) * 9
LUMPY = (0, 9, 1, 0, 14, 0, 2) * 9
RISING = tuple(3 + day // 6 for day in range(63))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def console_url(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Console and jobs over a house whose items run out."""
    settings = Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=tmp_path_factory.mktemp("home"),
        port=own_port(),
        console_port=own_port(),
        log_level="error",
        # The night's run would take the planner's by surprise.
        replenish_hour=24,
        work_hours=3.5,
    )
    supervisor = Supervisor(settings, ("console", "jobs"))
    # The browser's own loop runs in this thread; ours needs another.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _enter(database)).result()
        addresses = thread.submit(supervisor.start).result()
    try:
        supervisor.wait_ready(5 * PATIENCE_S)
        yield addresses.console_url
    finally:
        supervisor.stop()


async def _enter(database: str) -> None:
    now = datetime.now(UTC)
    async with await open_pool(database, application="test", keyset=KEYSET) as pool:
        await enter_house(pool)
        shop = await seller(pool, "MUG", "LAMP", "SCARF", "CANDLE")
        demand = {"MUG": STEADY, "LAMP": LUMPY, "SCARF": RISING, "CANDLE": LUMPY}
        for sku, daily in demand.items():
            await sell(pool, shop, sku, *daily, until=now)
        await bought_from(pool, shop, "MUG", lead_days=5, minimum=12, multiple=12)
        await bought_from(pool, shop, "SCARF", code="LOOM", lead_days=9)
        await second_warehouse(pool, shop, LAMP=400, MUG=12)
        for sku, free in (("MUG", 9), ("LAMP", 4), ("SCARF", 20), ("CANDLE", 0)):
            await leave(pool, shop, sku, free)
        async with staff_transaction(pool) as connection:
            await entry.enter_staff(connection, "Petra", Role.PLANNER, BADGE, PIN)
            await entry.enter_warehouse(
                connection, {"code": "MAIN", "pickers": 1, "lines_per_picker_hour": 1}
            )


@pytest.fixture
def opened(browser: Browser, console_url: str) -> Iterator[Visit]:
    """The page with a planner signed in."""
    with visit(browser, DESK) as opened:
        opened.page.goto(f"{console_url}/console/replenishment")
        opened.page.get_by_label("Badge").fill(BADGE)
        opened.page.get_by_label("PIN").fill(PIN)
        opened.page.get_by_role("button", name="Sign in").click()
        expect(opened.page.locator(".light")).to_contain_text("Live")
        yield opened


def proposals(page: Page) -> Locator:
    """The rows of the table; whichever test comes first has the house forecast."""
    rows, nothing = (
        page.locator("table.proposals tbody tr"),
        page.get_by_text("Nothing proposed yet"),
    )
    expect(nothing.or_(rows.first)).to_be_visible()
    if nothing.is_visible():
        page.get_by_role("button", name="Forecast now").click()
        page.get_by_role("button", name="Forecast", exact=True).click()
    expect(rows.first).to_be_visible(timeout=FORECAST_MS)
    return rows


def test_a_planner_has_the_house_forecast_and_decides(opened: Visit) -> None:
    page = opened.page
    rows = proposals(page)
    expect(page.locator("svg.spark .was").first).to_be_attached()
    expect(page.locator("svg.ahead")).to_have_count(1)
    expect(page.locator(".alarms")).to_contain_text("not keep up")
    expect(page.locator(".nobody")).to_be_visible()

    mug = rows.filter(has_text="MUG").filter(has_text="STOKE")
    mug.get_by_text("Decide").click()
    quantity = page.get_by_label("Quantity, in each")
    quantity.fill("35")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("The nearest is 36")).to_be_visible()
    quantity.fill("36")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(mug).to_have_count(0)
    assert not opened.errors


def test_the_buttons_stand_in_one_row_on_a_small_desk(opened: Visit) -> None:
    page = opened.page
    proposals(page)
    page.set_viewport_size({"width": 1024, "height": 768})
    names = ("Approve all", "Forecast now")
    boxes = [page.get_by_role("button", name=name).bounding_box() for name in names]
    tiles = page.locator(".tiles").bounding_box()
    assert tiles is not None
    for box in boxes:
        assert box is not None and box["y"] + box["height"] <= tiles["y"]


def test_transfers_are_approved_one_by_one_or_together_and_sent(opened: Visit) -> None:
    page = opened.page
    rows = proposals(page)
    page.get_by_text("To fetch", exact=True).last.click()
    expect(page.locator("table.proposals")).not_to_contain_text("SCARF")
    rows.filter(has_text="LAMP").get_by_text("Decide").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    waiting = page.locator(".transfers li")
    expect(waiting).to_contain_text("NORTH → MAIN")
    waiting.get_by_text("Send").click()
    page.get_by_role("button", name="It has left").click()
    expect(waiting).to_contain_text("comes")

    page.get_by_text("To fetch", exact=True).last.click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Approve all").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(rows).to_have_count(0)
    # It goes the same way as the transfer that has left, in a new one.
    expect(waiting).to_have_count(2)
    assert not opened.errors


def test_what_is_turned_down_is_gone_from_the_table(opened: Visit) -> None:
    page = opened.page
    proposals(page)
    page.get_by_label("Search proposals").fill("scarf")
    page.get_by_role("button", name="Search").click()
    rows = page.locator("table.proposals tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_text("Decide").click()
    page.get_by_label("Why not").fill("out of season")
    page.get_by_role("button", name="Turn down").click()
    expect(page.get_by_text("Nothing of that kind")).to_be_visible()

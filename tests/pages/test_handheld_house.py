"""The handheld's page in a house of several warehouses: where somebody works is asked first."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.serve import Supervisor
from api.settings import Settings
from tests.builders import LAYOUT, enter_house
from tests.key import DATA_KEYS, KEYSET
from tests.pages.browser import HANDHELD, chromium, visit
from tests.pages.test_stock import FINGER_PX, SCENARIOS, at, press
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.bins.place import Place, PlaceKind
from wms.database.pool import open_pool, staff_transaction
from wms.journey import entry
from wms.journey.floor.house import WAREHOUSES_MAX
from wms.tenants.staff import Role

BADGE = "B-01"
PIN = "2468"
SOUTH_CART = "S-CART-01"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


async def _enter(database: str) -> None:
    """As many warehouses as the screen lists, one of them with a cart of its own."""
    async with await open_pool(database, application="test", keyset=KEYSET) as pool:
        await enter_house(pool)
        async with staff_transaction(pool) as connection:
            for number in range(1, WAREHOUSES_MAX):
                told = {"code": f"SOUTH-{number}", "name": f"Southern house {number}"}
                await entry.enter_warehouse(connection, LAYOUT | told)
            await entry.enter_places(connection, "SOUTH-3", [Place(SOUTH_CART, PlaceKind.CART)])
            await entry.enter_staff(connection, "Pia", Role.OPERATOR, BADGE, PIN)


@pytest.fixture
def api_url(database: str, tmp_path: Path) -> Iterator[str]:
    """The API of such a house."""
    settings = Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=tmp_path,
        port=own_port(),
        log_level="error",
    )
    supervisor = Supervisor(settings, ("api",))
    # The browser's own loop runs in this thread; ours needs another.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _enter(database)).result()
        addresses = thread.submit(supervisor.start).result()
    try:
        supervisor.wait_ready(5 * PATIENCE_S)
        yield addresses.api_url
    finally:
        supervisor.stop()


def test_where_somebody_works_is_asked_first_and_can_be_changed(
    browser: Browser, api_url: str
) -> None:
    with visit(browser, HANDHELD, touch=True) as opened:
        page = opened.page
        page.goto(f"{api_url}/handheld/")
        opened.wedge(BADGE)
        opened.wedge(PIN)
        at(page, "warehouse")
        expect(page.locator("#band")).to_contain_text("Scan a place label")
        for choice in page.locator("#hand button[data-code^=warehouse_]").all():
            box = choice.bounding_box()
            assert box is not None and min(box["width"], box["height"]) >= FINGER_PX
        opened.wedge("NOWHERE")
        expect(page.locator("#band")).to_have_attribute("data-mood", "wrong")
        opened.wedge(SOUTH_CART)
        at(page, "menu")
        expect(page.locator("#screen")).to_contain_text("Warehouse SOUTH-3")
        for name in SCENARIOS:
            expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
        page.reload()
        at(page, "menu")
        press(page, "Another warehouse")
        at(page, "warehouse")
        press(page, "Southern house 5")
        at(page, "menu")
        expect(page.locator("#screen")).to_contain_text("Warehouse SOUTH-5")
        assert opened.errors == []

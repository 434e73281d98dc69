"""The sorter's page in a browser: lanes that fill, why units go where, and a lane closed."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from playwright.sync_api import Browser, Page, expect

from api.demo.stage import enter_scenario
from api.serve import Supervisor
from api.settings import Settings
from api.wiring import open_house
from sim.scenario.crew import make_crew
from sim.scenario.file import make_scenario, write_scenario
from tests.key import DATA_KEYS, KEYSET
from tests.pages.browser import DESK, Visit, chromium, visit
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.database.pool import open_pool, staff_transaction
from wms.equipment.commands import note_state, take_lease
from wms.journey.wave import ride
from wms.journey.wave.ride import Decision, Reading
from wms.sorting import commands as sorting
from wms.sorting.item import Event

SORTER = "PLC-1"
SEED = 3


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def sorter_page(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page of a sorter that runs, with items on the belt and an alarm."""
    folder = tmp_path_factory.mktemp("scenario")
    write_scenario(make_scenario(1, SEED), folder)
    home = tmp_path_factory.mktemp("home")
    settings = Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=home,
        port=own_port(),
        console_port=own_port(),
        log_level="error",
        seed=SEED,
    )
    supervisor = Supervisor(settings, ("console",))
    # The browser's own loop runs in this thread; ours needs another.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _enter(settings, folder)).result()
        thread.submit(asyncio.run, _put_on(database)).result()
        addresses = thread.submit(supervisor.start).result()
    try:
        supervisor.wait_ready(5 * PATIENCE_S)
        yield f"{addresses.console_url.removesuffix('/console')}/console/sorters/{SORTER}"
    finally:
        supervisor.stop()


async def _enter(settings: Settings, folder: Path) -> None:
    async with open_house(settings, "test", 2) as house:
        await enter_scenario(house, folder)


async def _put_on(database: str) -> int:
    now = datetime.now(UTC)
    async with (
        await open_pool(database, application="test", keyset=KEYSET) as pool,
        staff_transaction(pool) as c,
    ):
        device_id: int = await c.fetchval("select id from device where name = $1", SORTER)
        lanes = [{"lane": lane, "capacity": 12} for lane in (1, 2, 3)]
        plan = {"lanes": lanes, "reject_lane": 9, "late_lane": 10}
        await c.execute("update device set config = config || $2 where id = $1", device_id, plan)
        await take_lease(c, device_id, "gateway-1", timedelta(hours=1))
        detail: dict[str, object] = {
            "mode": "automatic",
            "circuit": "closed",
            "fault": "",
            "belt_speed_mm_s": 500,
            "lanes_full": [3],
            "lanes_fault": [6],
        }
        await note_state(c, device_id, online=True, boot=7, link="run", detail=detail, now=now)
        alarm = ("lane_fault", "6", "Lane 6 has a fault")
        await sorting.raise_alarms(c, device_id, [alarm], now - timedelta(minutes=4))
        for track in range(4701, 4712):
            await _ride(c, device_id, track, now - timedelta(seconds=4720 - track))
        return device_id


async def _ride(c: asyncpg.Connection, device_id: int, track: int, at: datetime) -> None:
    await ride.record_induction(c, device_id, track, at)
    if track % 7 == 0:
        return
    lane = track % 5 + 1
    unit = f"T-{track - 4600:05d}"
    told: dict[str, object] = {
        "why": f"Lane {lane} has the least load of the open lanes to PACK-{lane:02d}: 3 of 12",
        "rule": "least_loaded",
        "others": [{"lane": 6, "load": 0, "why": "fault"}],
    }
    if track == 4710:
        lane, told = 0, {"why": "No lane to PACK-06 is open: lane 6 fault", "others": []}
    reading = Reading(track, Event.READ, unit)
    decision = Decision(reading, lane, told, taken=track % 2 == 0)
    await ride.record_reading(c, device_id, reading, None, at)
    await ride.record_decisions(c, device_id, [decision], at)
    if track < 4706:
        event = Event.TURN_BACK if track == 4703 else Event.DIVERT
        item = await sorting.riding_item(c, device_id, track)
        end = ride.End(track, event, lane=lane, reason="none", decided=True)
        await ride.record_ends(c, device_id, [(item, end)], at)


@pytest.fixture
def opened(browser: Browser, sorter_page: str) -> Iterator[Visit]:
    """The sorter's page with a planner signed in."""
    planner = next(one for one in make_crew(SEED) if one.role == "planner")
    with visit(browser, DESK) as opened:
        opened.page.goto(f"{sorter_page}?lane=2")
        opened.page.get_by_label("Badge").fill(planner.badge)
        opened.page.get_by_label("PIN").fill(planner.pin)
        opened.page.get_by_role("button", name="Sign in").click()
        expect(opened.page.locator(".light")).to_contain_text("Live")
        yield opened


def _gap_px(page: Page) -> float:
    """How far the two buttons that are shown stand apart."""
    expect(page.locator(".act:visible")).to_have_count(2)
    boxes = [button.bounding_box() for button in page.locator(".act:visible").all()]
    left, right = sorted((box for box in boxes if box is not None), key=lambda box: box["x"])
    assert left["y"] == right["y"]
    return right["x"] - left["x"] - left["width"]


def test_a_planner_sees_why_units_ride_where_and_closes_a_lane(opened: Visit) -> None:
    page = opened.page
    expect(page.locator("h1")).to_contain_text("running")
    expect(page.locator('.chute[data-key="3"]')).to_have_attribute("data-state", "full")
    expect(page.locator('.chute[data-key="6"]')).to_have_attribute("data-state", "fault")
    expect(page.locator('.chute[data-key="9"]')).to_contain_text("reject")
    expect(page.get_by_text("Lane 6 has a fault").first).to_be_visible()
    expect(page.get_by_text("No lane to PACK-06 is open: lane 6 fault")).to_be_visible()
    gap_px = _gap_px(page)
    page.get_by_role("button", name="Close lane").click()
    page.get_by_role("button", name="Close it").click()
    expect(page.locator('.chute[data-key="2"]')).to_have_attribute("data-state", "closed")
    expect(page.locator(".lane-told")).to_contain_text("Closed by")
    expect(page.get_by_role("button", name="Open lane")).to_be_visible()
    # "Open lane" is not as wide as "Close lane".
    assert 4 < gap_px < 20 and _gap_px(page) == pytest.approx(gap_px, abs=1)
    page.get_by_role("button", name="Open lane").click()
    page.get_by_role("button", name="Open it").click()
    expect(page.locator('.chute[data-key="2"]')).to_have_attribute("data-state", "open")
    expect(page.locator("table").filter(has_text="Close lane 2")).to_be_visible()
    assert not opened.errors
    assert opened.hosts <= {"127.0.0.1"}

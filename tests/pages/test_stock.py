"""The handheld's stock work in the browser: from a shipment at the dock to goods in their bin."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.browser import HANDHELD, RunningHouse, Visit, chromium, visit
from tests.patience import PATIENCE_S

SCENARIOS = ["Receive", "Move", "Pick", "Pack", "Load", "Count"]
FINGER_PX = 56
DOCK = "DOOR-1"
SHOP = "Demo Shop"
FIRST_BIN = "00-00-00-0"
REFERENCE = "DN-2010-118"
RIBBON = "RIBBON"
BARCODE = "9520000000080"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@contextmanager
def signed_in(browser: Browser, house: RunningHouse) -> Iterator[Visit]:
    """The page with the operator signed in, at the menu."""
    with visit(browser, HANDHELD, touch=True) as opened:
        opened.page.goto(f"{house.api_url}/handheld/")
        opened.wedge(house.badge)
        opened.wedge(house.pin)
        at(opened.page, "menu")
        yield opened


@pytest.fixture
def planner(running_house: RunningHouse) -> Iterator[httpx.Client]:
    """The API as the planner sees it."""
    sign_in = {
        "badge": running_house.planner_badge,
        "pin": running_house.planner_pin,
        "device": "test",
    }
    with httpx.Client(base_url=running_house.api_url, timeout=PATIENCE_S) as client:
        token = client.post("/handheld/sessions", json=sign_in).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def shop(running_house: RunningHouse) -> Iterator[httpx.Client]:
    """The API as the shop sees it."""
    key = {"Authorization": f"Bearer {running_house.shop_key}"}
    with httpx.Client(base_url=running_house.api_url, headers=key, timeout=PATIENCE_S) as client:
        yield client


def at(page: Page, step: str) -> None:
    """The page has come to a step, and all of it fits on the screen."""
    expect(page.locator("body")).to_have_attribute("data-step", step)
    over = page.evaluate(
        "() => [document.documentElement.scrollHeight - innerHeight,"
        " document.documentElement.scrollWidth - innerWidth]"
    )
    assert over == [0, 0], f"{step} is larger than the screen"


def press(page: Page, name: str) -> None:
    """Presses the button of that name."""
    page.get_by_role("button", name=name, exact=True).tap()


def key_in(page: Page, number: str) -> None:
    """Types a number into the sheet with gloves."""
    page.locator(".number").tap()
    for digit in number:
        press(page, {".": "Decimal point"}.get(digit, digit))
    press(page, "OK")


def big_code(page: Page) -> str:
    """What the screen shows largest."""
    return page.locator(".target").inner_text().replace("\n", "")


def announce(planner: httpx.Client, shop: httpx.Client) -> None:
    """A dock, a bin that is first on every walk, and 33.60 m of a ribbon on the way."""
    planner.put(f"/v1/places/{DOCK}", json={"kind": "receiving"}).raise_for_status()
    first = {
        "kind": "bin",
        "zone": "A",
        "aisle": 0,
        "x_mm": 0,
        "y_mm": 0,
        "walk_seq": 0,
        "volume_ml": 200_000,
    }
    planner.put(f"/v1/places/{FIRST_BIN}", json=first).raise_for_status()
    size = {"width_mm": 100, "depth_mm": 100, "height_mm": 10, "mass_g": 5}
    ribbon = {"name": "Gift ribbon", "barcodes": [BARCODE], "unit": "m", "scale": 2, **size}
    shop.put(f"/v1/items/{RIBBON}", json=ribbon).raise_for_status()
    asn = {
        "kind": "asn",
        "reference": REFERENCE,
        "expected_at": "2030-01-31T09:00:00+00:00",
        "lines": [{"sku": RIBBON, "quantity": "33.60"}],
    }
    answer = shop.post("/v1/inbound-shipments", json=asn, headers={"Idempotency-Key": REFERENCE})
    answer.raise_for_status()


def level_of(shop: httpx.Client) -> dict[str, Any]:
    """The shop's stock of the ribbon."""
    levels: list[dict[str, Any]] = []
    after = None
    while True:
        page = shop.get("/v1/inventory/levels", params={"after": after} if after else {}).json()
        levels += page["items"]
        after = page["next"]
        if after is None:
            return next(level for level in levels if level["sku"] == RIBBON)


def test_the_menu_has_every_scenario_under_a_thumb(
    browser: Browser, running_house: RunningHouse
) -> None:
    with signed_in(browser, running_house) as opened:
        buttons = opened.page.locator("#hand button:not(.is-quiet)")
        expect(buttons).to_have_count(len(SCENARIOS))
        assert buttons.all_inner_texts() == SCENARIOS
        for number in range(len(SCENARIOS)):
            box = buttons.nth(number).bounding_box()
            assert box is not None and min(box["width"], box["height"]) >= FINGER_PX


def test_a_shipment_is_taken_in_put_away_and_counted(
    browser: Browser,
    running_house: RunningHouse,
    planner: httpx.Client,
    shop: httpx.Client,
) -> None:
    announce(planner, shop)
    with signed_in(browser, running_house) as opened:
        _take_in(opened)
        assert level_of(shop)["on_hand"] == "12.50"
        bin_code = _put_away(opened)
        [task] = planner.get("/v1/tasks", params={"state": "done", "kind": "putaway"}).json()[
            "items"
        ]
        assert (task["sku"], task["quantity"], task["to_place"]) == (RIBBON, "12.50", bin_code)
        asked = {"place": bin_code, "reason": "test", "shop": SHOP, "sku": RIBBON}
        count = planner.post("/v1/counts", json=asked, headers={"Idempotency-Key": "count"}).json()
        _count(opened, bin_code)
        # What a metre is worth is not known: a planner looks at the difference.
        path = f"/v1/counts/{count['id']}"
        assert planner.get(path).json()["state"] == "review"
        approved = planner.post(f"{path}/approve", headers={"Idempotency-Key": "approve"})
        assert approved.json()["state"] == "posted"
        assert level_of(shop)["on_hand"] == "12.00"
        assert not opened.errors


def _take_in(opened: Visit) -> None:
    page = opened.page
    press(page, "Receive")
    at(page, "shipment")
    opened.wedge(REFERENCE)
    at(page, "item")
    expect(page.locator(".facts")).to_contain_text("0.00 of 33.60 m")
    opened.wedge(BARCODE)
    at(page, "condition")
    expect(page.locator(".number")).to_contain_text("33.60")
    key_in(page, "12.5")
    expect(page.locator(".number")).to_contain_text("12.50")
    press(page, "Good")
    at(page, "item")
    expect(page.locator(".facts")).to_contain_text("12.50 of 33.60 m")
    press(page, "That is all")
    at(page, "confirm")
    press(page, "No more of it comes")
    at(page, "shipment")
    expect(page.locator("#band")).to_have_attribute("data-mood", "right")
    press(page, "Back to the menu")
    at(page, "menu")


def _put_away(opened: Visit) -> str:
    """Does the one move that waits, and answers where the goods went."""
    page = opened.page
    press(page, "Move")
    at(page, "from")
    assert big_code(page) == DOCK
    expect(page.locator(".facts")).to_contain_text("12.50 m")
    opened.wedge(DOCK)
    at(page, "item")
    opened.wedge(BARCODE)
    at(page, "to")
    bin_code = big_code(page)
    opened.wedge(bin_code)
    at(page, "wait")
    press(page, "Back to the menu")
    at(page, "menu")
    return bin_code


def _count(opened: Visit, bin_code: str) -> None:
    page = opened.page
    press(page, "Count")
    at(page, "place")
    assert big_code(page) == bin_code
    opened.wedge(bin_code)
    at(page, "item")
    opened.wedge(BARCODE)
    at(page, "quantity")
    expect(page.locator(".number")).to_contain_text("0.00")
    key_in(page, "12")
    press(page, "In all")
    at(page, "item")
    expect(page.locator(".facts")).to_contain_text("12.00 m")
    press(page, "That is all")
    expect(page.locator("#band")).to_contain_text("The count is done.")

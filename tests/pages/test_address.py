"""The buyer's address page in the browser: readable on a phone, mended in one go, asks nobody."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from api.serve import Supervisor
from api.settings import Settings
from api.wiring import open_house
from tests import builders
from tests.api.service import order_body, unique
from tests.key import DATA_KEYS
from tests.pages.browser import chromium, visit
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.database.pool import staff_transaction
from wms.tenants import commands as tenants

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 320, "height": 640}
FINGER_PX = 44
GAP_PX = 12


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@dataclass(frozen=True, slots=True)
class Door:
    """Where the API is, and the key of a shop with cups."""

    api_url: str
    key: str


@pytest.fixture(scope="module")
def door(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The API alone, as a process of its own; nothing that a buyer sees needs more."""
    settings = Settings(
        database_url=database,
        home=tmp_path_factory.mktemp("home"),
        data_keys=DATA_KEYS,
        port=own_port(),
        console_port=own_port(),
        log_level="error",
    )
    supervisor = Supervisor(settings, ("api",))
    # The browser's own loop runs in this thread; ours needs another.
    with ThreadPoolExecutor(1) as thread:
        key = thread.submit(asyncio.run, _enter(settings)).result()
        addresses = thread.submit(supervisor.start).result()
    try:
        supervisor.wait_ready(5 * PATIENCE_S)
        yield Door(addresses.api_url, key)
    finally:
        supervisor.stop()


async def _enter(settings: Settings) -> str:
    async with open_house(settings, "test", 2) as house:
        shop = await builders.stocked_shop(house.pool, CUP=100)
        async with staff_transaction(house.pool) as connection:
            return await tenants.create_key(connection, shop.name, [], sandbox=False)


@pytest.fixture
def shop(door: Door) -> Iterator[httpx.Client]:
    """The API as the shop sees it."""
    key = {"Authorization": f"Bearer {door.key}"}
    with httpx.Client(base_url=door.api_url, headers=key, timeout=PATIENCE_S) as client:
        yield client


def held_order(shop: httpx.Client) -> tuple[dict[str, Any], str]:
    """An order without a postal code, and the path of its buyer's link."""
    body = order_body(("CUP", 1))
    body["ship_to"] |= {"postal_code": "", "lines": ["12 <b>Mill</b> Lane"]}
    answer = shop.post("/v1/orders", json=body, headers={"Idempotency-Key": unique("address")})
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    events: list[dict[str, Any]] = []
    after = ""
    while page := shop.get("/v1/events", params={"after": after, "limit": 100}).json():
        if not page["items"]:
            break
        events += page["items"]
        after = page["next"]
    [link] = [
        event["data"]["link"]
        for event in events
        if event["type"] == "order.address_doubtful" and event["order_id"] == order["id"]
    ]
    return order, urlsplit(link).path


def test_a_buyer_mends_the_address_on_a_phone(
    browser: Browser, door: Door, shop: httpx.Client
) -> None:
    order, path = held_order(shop)
    with visit(browser, PHONE, touch=True) as opened:
        page = opened.page
        page.goto(f"{door.api_url}{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your delivery address")
        expect(page.get_by_label("Street and house number")).to_have_value("12 <b>Mill</b> Lane")
        expect(page.locator("#postal_code-why")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        for control in page.locator("input:not([type=checkbox]), textarea, select, button").all():
            box = control.bounding_box()
            assert box is not None and box["height"] >= FINGER_PX
        page.get_by_label("Postal code").fill("nowhere")
        page.get_by_role("button", name="Save the address").click()
        expect(page.get_by_text("This is right as it stands")).to_be_visible()
        # What is marked is found from the top, and by whoever hears the page.
        page.get_by_role("alert").get_by_role("link", name="Postal code").click()
        expect(page.get_by_label("Postal code")).to_be_in_viewport()
        expect(page.get_by_label("Postal code")).to_have_accessible_description(
            "Postal codes there are written otherwise."
        )
        page.get_by_label("Postal code").fill("lu1 2ab")
        page.get_by_role("button", name="Save the address").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
        page.get_by_role("link", name="中文").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("谢谢")
        assert opened.hosts == {urlsplit(door.api_url).hostname}
        assert opened.errors == []
    after = shop.get(f"/v1/orders/{order['id']}").json()
    assert after["ship_to"]["postal_code"] == "LU1 2AB"
    assert [hold["lifted_at"] is not None for hold in after["holds"]] == [True]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_the_smallest_phone_every_field_stands_by_itself(
    browser: Browser, door: Door, shop: httpx.Client, language: str
) -> None:
    _, path = held_order(shop)
    with visit(browser, SMALL, touch=True) as opened:
        opened.page.goto(f"{door.api_url}{path}?lang={language}")
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
        boxes = [field.bounding_box() for field in opened.page.locator(".field").all()]
        fields = sorted((box["y"], box["y"] + box["height"]) for box in boxes if box is not None)
        assert len(fields) == len(boxes) > 6
        for (_, end), (start, _) in pairwise(fields):
            assert start - end >= GAP_PX


def test_whoever_has_written_much_sees_what_came_of_it(
    browser: Browser, door: Door, shop: httpx.Client
) -> None:
    _, path = held_order(shop)
    with visit(browser, SMALL, touch=True) as opened:
        page = opened.page
        page.goto(f"{door.api_url}{path}?lang=zh")
        page.get_by_role("link", name="联系人工客服").click()
        for words in ("第一\n" * 12, "第二\n" * 12):
            page.locator("#words").fill(words)
            page.get_by_role("button", name="发送").click()
            expect(page.get_by_text(words.split()[0]).last).to_be_attached()
            expect(page.get_by_role("status")).to_be_in_viewport()


def test_a_link_that_is_none_is_told_plainly(browser: Browser, door: Door) -> None:
    with visit(browser, PHONE, touch=True) as opened:
        opened.page.goto(f"{door.api_url}/buyer/address/nothing?lang=zh")
        expect(opened.page.get_by_role("heading", level=1)).to_have_text("链接无效")


def test_a_buyer_asks_a_human_from_the_address_page_without_any_script(
    browser: Browser, door: Door, shop: httpx.Client
) -> None:
    _, path = held_order(shop)
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{door.api_url}{path}?lang=en")
    page.get_by_role("link", name="Ask a human").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask a human")
    page.get_by_label("What can we do for you?").fill("I have moved to Ireland.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("I have moved to Ireland.")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Somebody will answer soon")
    context.close()

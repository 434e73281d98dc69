"""The planners' console against the running house."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browser import DESK, RunningHouse, Visit, chromium, visit

STAGES = (
    "received",
    "accepted",
    "open",
    "released",
    "picking",
    "picked",
    "sorted",
    "packed",
    "handed_over",
)


def console(house: RunningHouse, path: str = "") -> str:
    """An address in the console."""
    return f"{house.console_url.rstrip('/').removesuffix('/console')}/console{path}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@contextmanager
def signed_in(
    browser: Browser, house: RunningHouse, badge: str, pin: str, path: str = ""
) -> Iterator[Visit]:
    """A page of the console with somebody signed in."""
    with visit(browser, DESK) as opened:
        opened.page.goto(console(house, path))
        opened.page.get_by_label("Badge").fill(badge)
        opened.page.get_by_label("PIN").fill(pin)
        opened.page.get_by_role("button", name="Sign in").click()
        expect(opened.page.locator(".light")).to_contain_text("Live")
        yield opened


def test_nobody_sees_an_order_without_signing_in(
    browser: Browser, running_house: RunningHouse
) -> None:
    with visit(browser, DESK) as opened:
        opened.page.goto(console(running_house, "/orders"))
        expect(opened.page.get_by_role("button", name="Sign in")).to_be_visible()
        opened.page.get_by_label("Badge").fill(running_house.planner_badge)
        opened.page.get_by_label("PIN").fill("0000")
        opened.page.get_by_role("button", name="Sign in").click()
        expect(opened.page.get_by_role("alert")).not_to_be_empty()


def test_signing_in_never_leads_out_of_the_console(
    browser: Browser, running_house: RunningHouse
) -> None:
    path = "/sign-in?next=https://elsewhere.example/"
    house = running_house
    with signed_in(browser, house, house.planner_badge, house.planner_pin, path) as opened:
        assert opened.page.url == console(house)


def test_the_overview_shows_orders_by_state_and_stays_live(
    browser: Browser, running_house: RunningHouse
) -> None:
    house = running_house
    with signed_in(browser, house, house.planner_badge, house.planner_pin) as opened:
        page = opened.page
        stages = page.locator(".stage")
        expect(stages).to_have_count(len(STAGES))
        assert [one.get_attribute("data-stage") for one in stages.all()] == list(STAGES)
        counts = {
            stage: int(page.locator(f"[data-stage={stage}] .stage-count").inner_text())
            for stage in STAGES
        }
        assert counts["released"] + counts["picking"] > 0
        expect(page.locator(".chart")).to_be_visible()
        before = page.locator(".light time").inner_text()
        expect(page.locator(".light time")).not_to_have_text(before)
        page.locator("[data-stage=released]").focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/console/orders\?stage=released"))
        pills = page.locator("tbody .pill")
        expect(pills).to_have_count(counts["released"])
        assert set(pills.all_inner_texts()) <= {"Released"}


def test_the_focus_survives_the_page_s_own_changes(
    browser: Browser, running_house: RunningHouse
) -> None:
    house = running_house
    with signed_in(browser, house, house.planner_badge, house.planner_pin) as opened:
        page = opened.page
        page.locator("[data-stage=picking]").focus()
        before = page.locator(".light time").inner_text()
        expect(page.locator(".light time")).not_to_have_text(before)
        focused = page.evaluate("() => document.activeElement.dataset.stage")
        assert focused == "picking"


def test_an_order_tells_its_whole_story(browser: Browser, running_house: RunningHouse) -> None:
    house = running_house
    with signed_in(browser, house, house.planner_badge, house.planner_pin, "/orders") as opened:
        page = opened.page
        number = page.locator("tbody a").first.inner_text()
        page.locator("tbody a").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(number)
        for headline in ("Lines", "Parcels", "Picks", "What happened", "Ship to"):
            expect(page.get_by_role("heading", name=headline)).to_be_visible()
        expect(page.locator(".timeline li").first).to_be_attached()
        page.goto(console(house, f"/orders?q={number}"))
        expect(page.locator("tbody a").first).to_have_text(number)


def test_a_wave_is_drawn_to_scale_over_its_floor(
    browser: Browser, running_house: RunningHouse
) -> None:
    house = running_house
    with signed_in(browser, house, house.planner_badge, house.planner_pin, "/waves") as opened:
        page = opened.page
        page.locator("tbody tr", has_text="Released").locator("a").first.click()
        floor = page.locator("svg.floor")
        expect(floor).to_be_visible()
        expect(page.locator("svg.floor .walk").first).to_be_attached()
        walks = page.locator("svg.floor .walk").count()
        expect(page.locator("table.carts tbody tr")).to_have_count(walks)
        expect(page.locator("svg.floor .walk polyline")).to_have_count(walks)
        assert page.locator("svg.floor .racks path").get_attribute("d")
        box, view = floor.bounding_box(), (floor.get_attribute("viewBox") or "").split()
        assert box is not None
        assert abs(box["width"] / box["height"] - float(view[2]) / float(view[3])) < 0.02
        page.locator("table.carts a").first.click()
        expect(page.locator("svg.floor .walk[data-faded=no]")).to_have_count(1)


def test_only_planners_may_take_a_wave_back(browser: Browser, running_house: RunningHouse) -> None:
    house = running_house
    with signed_in(browser, house, house.badge, house.pin, "/waves") as opened:
        opened.page.locator("tbody a").first.click()
        expect(opened.page.get_by_role("heading", level=1)).to_contain_text("Wave")
        assert opened.page.get_by_role("button", name="Unrelease wave").count() == 0
    with signed_in(browser, house, house.planner_badge, house.planner_pin, "/waves") as opened:
        opened.page.locator("tbody a").first.click()
        expect(opened.page.get_by_role("heading", level=1)).to_contain_text("Wave")
        # To take it back, and to have it planned anew; each shows itself only while it can be done.
        expect(opened.page.locator(".act")).to_have_count(2)


def test_departures_show_a_map_or_say_why_there_is_none(
    browser: Browser, running_house: RunningHouse
) -> None:
    house = running_house
    with signed_in(browser, house, house.planner_badge, house.planner_pin, "/departures") as opened:
        shown = opened.page.locator("svg.map, .empty").first
        expect(shown).to_be_visible()


def test_nothing_is_asked_of_another_machine(browser: Browser, running_house: RunningHouse) -> None:
    house = running_house
    with signed_in(browser, house, house.planner_badge, house.planner_pin) as opened:
        for path in ("/orders", "/waves", "/departures", ""):
            opened.page.goto(console(house, path))
            expect(opened.page.locator(".light")).to_contain_text("Live")
        assert opened.hosts == {"127.0.0.1"}
        assert not opened.errors

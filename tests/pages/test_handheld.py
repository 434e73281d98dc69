"""The handheld's page against the running house: what an operator sees, hears and may rely on."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.pages.browser import HANDHELD, RunningHouse, Visit, chromium, visit
from tests.patience import PATIENCE_S

STATIC = Path(__file__).parents[2] / "api" / "handheld" / "static"
FIRST_LOAD_BYTES_MAX = 60_000
NOT_A_LABEL = "ZZ-99-99-9"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@contextmanager
def signed_in(browser: Browser, house: RunningHouse) -> Iterator[Visit]:
    """The page with the operator signed in, wherever their work stands."""
    with visit(browser, HANDHELD, touch=True) as opened:
        opened.page.goto(f"{house.api_url}/handheld/")
        opened.wedge(house.badge)
        opened.wedge(house.pin)
        expect(opened.page.locator("body[data-scenario]")).to_be_visible()
        yield opened


def step_of(page: Page) -> str:
    """The step that the page shows."""
    return page.locator("body").get_attribute("data-step") or ""


def band_of(page: Page) -> str | None:
    """The mood of the band."""
    return page.locator("#band").get_attribute("data-mood")


def walk_to_the_first_bin(opened: Visit) -> None:
    """Takes a cart and its totes until the walk begins, or goes on where an earlier test left."""
    page = opened.page
    if step_of(page) == "menu":
        page.get_by_role("button", name="Pick", exact=True).click()
        expect(page.locator("body")).not_to_have_attribute("data-step", "menu")
    for number in range(1, 60):
        step = step_of(page)
        if step not in ("cart", "tote"):
            return
        with page.expect_response("**/handheld/scans"):
            opened.wedge(f"CART-{number:02}" if step == "cart" else f"T-9{number:04}")
        # The answer is drawn at once; what is scanned twice in between is only told wrong.
        page.wait_for_timeout(50)
    raise AssertionError("the cart never filled")


def test_a_wrong_pin_is_refused_in_words(browser: Browser, running_house: RunningHouse) -> None:
    with visit(browser, HANDHELD) as opened:
        opened.page.goto(f"{running_house.api_url}/handheld/")
        opened.wedge(running_house.badge)
        expect(opened.page.locator("body")).to_have_attribute("data-step", "pin")
        opened.wedge("0000")
        expect(opened.page.locator("#band")).to_have_attribute("data-mood", "wrong")
        expect(opened.page.locator("#next")).not_to_be_empty()


def test_the_pin_can_be_keyed_with_gloves(browser: Browser, running_house: RunningHouse) -> None:
    with visit(browser, HANDHELD, touch=True) as opened:
        opened.page.goto(f"{running_house.api_url}/handheld/")
        opened.wedge(running_house.badge)
        for digit in running_house.pin:
            key = opened.page.get_by_role("button", name=digit, exact=True)
            box = key.bounding_box()
            assert box is not None and min(box["width"], box["height"]) >= 56
            key.tap()
        opened.page.get_by_role("button", name="OK").tap()
        expect(opened.page.locator("body[data-scenario]")).to_be_visible()


def test_wrong_and_right_differ_in_colour_symbol_words_and_sound(
    browser: Browser,
    running_house: RunningHouse,
) -> None:
    with signed_in(browser, running_house) as opened:
        page = opened.page
        walk_to_the_first_bin(opened)
        expect(page.locator("body")).to_have_attribute("data-step", "bin")
        wanted = page.locator(".target").inner_text().replace("\n", "")
        opened.wedge(NOT_A_LABEL)
        expect(page.locator("#band")).to_have_attribute("data-mood", "wrong")
        expect(page.locator("#band")).to_contain_text("Wrong")
        wrong = _look(page)
        assert page.locator(".target").inner_text() == wanted

        page.get_by_role("button", name="Type a code").click()
        page.get_by_role("textbox", name="Type a code").fill(wanted)
        page.keyboard.press("Enter")
        expect(page.locator("body")).to_have_attribute("data-step", "item")
        assert band_of(page) == "right"
        right = _look(page)
        assert all(one != other for one, other in zip(wrong, right, strict=True))

        page.reload()
        expect(page.locator("body")).to_have_attribute("data-step", "item")
        expect(page.locator(".facts")).to_contain_text(wanted)


def _look(page: Page) -> list[str]:
    """Colour, symbol, words and sound of the last verdict."""
    seen = page.evaluate(
        "() => [getComputedStyle(document.querySelector('#band')).backgroundColor,"
        " document.querySelector('#band use').getAttribute('href'),"
        " document.querySelector('#say').innerText, document.body.dataset.signal]"
    )
    assert isinstance(seen, list)
    return [str(one) for one in seen]


def test_scans_without_a_network_are_kept_over_a_reload_and_sent_in_order(
    browser: Browser,
    running_house: RunningHouse,
) -> None:
    with signed_in(browser, running_house) as opened:
        page = opened.page
        walk_to_the_first_bin(opened)
        step = step_of(page)
        page.evaluate("() => navigator.serviceWorker.ready")
        page.reload()
        expect(page.locator("body")).to_have_attribute("data-step", step)

        opened.context.set_offline(True)
        opened.wedge(f"{NOT_A_LABEL}1")
        expect(page.locator("#kept")).to_contain_text("1 scan kept")
        opened.wedge(f"{NOT_A_LABEL}2")
        expect(page.locator("#kept")).to_contain_text("2 scans kept")
        page.reload()
        expect(page.locator("#kept")).to_contain_text("2 scans kept")
        expect(page.locator("body")).to_have_attribute("data-step", step)

        sent: list[str] = []

        def note(request: Request) -> None:
            if request.url.endswith("/handheld/scans"):
                sent.append(json.loads(request.post_data or "{}")["input"])

        page.on("request", note)
        opened.context.set_offline(False)
        expect(page.locator("#kept")).to_be_hidden()
        expect(page.locator("#band")).to_have_attribute("data-mood", "wrong")
        assert sent == [f"{NOT_A_LABEL}1", f"{NOT_A_LABEL}2"]


def test_every_way_in_which_a_reader_types_fnc1_is_understood(
    browser: Browser, running_house: RunningHouse
) -> None:
    sent: list[dict[str, object]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/handheld/scans"):
            sent.append(json.loads(request.post_data or "{}"))

    with signed_in(browser, running_house) as opened:
        page = opened.page
        page.on("request", note)
        for separator in ("Control+]", "F8", "Alt"):
            page.keyboard.type("]C110LOT")
            if separator == "Alt":
                page.keyboard.down("Alt")
                for digit in "029":
                    page.keyboard.press(f"Numpad{digit}")
                page.keyboard.up("Alt")
            else:
                page.keyboard.press(separator)
            page.keyboard.type("17261231")
            with page.expect_response("**/handheld/scans"):
                page.keyboard.press("Enter")
        assert [each["input"] for each in sent] == ["]C110LOT\x1d17261231"] * 3
        assert not opened.errors


def test_an_intent_reaches_the_house_as_the_reader_s_app_posts_it(
    browser: Browser, running_house: RunningHouse
) -> None:
    extras = {"com.symbol.datawedge.data_string": f"]C0{NOT_A_LABEL}"}
    with signed_in(browser, running_house) as opened:
        with opened.page.expect_response("**/handheld/scans") as answered:
            opened.page.evaluate("window.postMessage({ hello: 1 }); window.postMessage('text')")
            opened.page.evaluate("extras => window.postMessage(extras)", extras)
        request = json.loads(answered.value.request.post_data or "{}")
        assert (request["input"], request["intent"]) == (None, extras)
        expect(opened.page.locator("#band")).to_have_attribute("data-mood", "wrong")
        expect(opened.page.locator("#next")).to_contain_text(NOT_A_LABEL)
        assert not opened.errors


def test_nothing_is_asked_of_another_machine(browser: Browser, running_house: RunningHouse) -> None:
    with signed_in(browser, running_house) as opened:
        walk_to_the_first_bin(opened)
        opened.wedge(NOT_A_LABEL)
        expect(opened.page.locator("#band")).to_have_attribute("data-mood", "wrong")
        assert opened.hosts == {"127.0.0.1"}
        assert not opened.errors


def test_the_page_needs_no_inline_code(running_house: RunningHouse) -> None:
    answer = httpx.get(f"{running_house.api_url}/handheld/", timeout=PATIENCE_S)
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", answer.text)


def test_the_page_is_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < FIRST_LOAD_BYTES_MAX


def test_the_shell_that_is_kept_is_the_whole_page() -> None:
    kept = set(re.findall(r'"([\w.-]+\.\w+)"', (STATIC / "sw.js").read_text("utf-8")))
    assert kept == {path.name for path in STATIC.iterdir()} - {"index.html", "sw.js"}

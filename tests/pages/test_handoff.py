"""The planner's tickets in a browser: the queue, one ticket with its answer box, overdue steps."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.serve import Supervisor
from api.settings import Settings
from tests.builders import buy, order_id_of, pay, stocked_shop
from tests.key import DATA_KEYS, KEYSET
from tests.pages.browser import DESK, Visit, chromium, visit
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.database.pool import open_pool, staff_transaction
from wms.handoff import commands as handoffs
from wms.handoff.ticket import AskedBy, NewTicket, Urgency
from wms.journey import entry
from wms.journey.handoff.sop import watch_steps
from wms.outbox import endpoint_commands as endpoints
from wms.tenants.staff import Role

BADGE, BOSS, PIN = "B-TICK", "B-BOSS", "1234"
HOSTILE = "<script>window.owned = 1</script> <img src=x onerror='window.owned = 1'>"
NARROW: ViewportSize = {"width": 1024, "height": 768}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium() as browser:
        yield browser


@dataclass(frozen=True, slots=True)
class Tickets:
    """Where the console is, and the tickets in it."""

    console_url: str
    numbers: tuple[int, ...]


@pytest.fixture(scope="module")
def desk(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tickets]:
    """The console over a house in which shops, a buyer and a rule ask for a human."""
    settings = Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=tmp_path_factory.mktemp("home"),
        port=own_port(),
        console_port=own_port(),
        log_level="error",
    )
    supervisor = Supervisor(settings, ("console",))
    # The browser's own loop runs in this thread; ours needs another.
    with ThreadPoolExecutor(1) as thread:
        numbers = thread.submit(asyncio.run, _enter(database)).result()
        addresses = thread.submit(supervisor.start).result()
    try:
        supervisor.wait_ready(5 * PATIENCE_S)
        yield Tickets(addresses.console_url, numbers)
    finally:
        supervisor.stop()


async def _enter(database: str) -> tuple[int, ...]:
    now = datetime.now(UTC)
    async with await open_pool(database, application="test", keyset=KEYSET) as pool:
        shop = await stocked_shop(pool, MUG=90)
        orders = [order_id_of(await buy(pool, shop, ("MUG", 2), now=now)) for _ in range(4)]
        for minutes in (8, 20, 30):
            order = await buy(pool, shop, ("MUG", 1), now=now)
            await pay(pool, shop, order, now=now - timedelta(minutes=minutes))
        wanted = [
            (NewTicket("damage", Urgency.HIGH, HOSTILE, AskedBy.SHOP, orders[0]), 50),
            (NewTicket("buyer", Urgency.NORMAL, "Where is my parcel?\nI wait since Monday.",
                       AskedBy.BUYER, orders[1], "buyer/1"), 90),
            (NewTicket("promise_at_risk", Urgency.URGENT, "No waybill is made after 3 tries.",
                       AskedBy.RULE, orders[2], "promise/1"), 40),
            (NewTicket("stock", Urgency.LOW, "How many mugs are left?"), 300),
        ]  # fmt: skip
        async with staff_transaction(pool) as connection:
            numbers = [await _ask(connection, shop.tenant_id, shop.shop_id, new,
                                  now - timedelta(minutes=minutes))
                       for new, minutes in wanted]  # fmt: skip
            await entry.enter_staff(connection, "Petra", Role.PLANNER, BADGE, PIN)
            await entry.enter_staff(connection, "Sue", Role.SUPERVISOR, BOSS, PIN)
            await _give_up(connection, shop.tenant_id, shop.shop_id)
        for _ in range(2):
            await watch_steps(pool, now)
    return tuple(numbers)


async def _give_up(connection: asyncpg.Connection, tenant_id: int, shop_id: int) -> None:
    """A message that an endpoint did not take in any of its tries."""
    number, _ = await endpoints.add_endpoint(
        connection, tenant_id, shop_id, "https://shop.example/hooks", ["*"]
    )
    await connection.execute(
        "insert into outbox (tenant_id, topic, target, subject, message_id, payload, attempts, "
        "dead_at, last_error) values ($1, 'webhook', $2, 'x/1', 'given up', '{}', 10, now(), $3)",
        tenant_id,
        number,
        HOSTILE,
    )


async def _ask(
    connection: asyncpg.Connection, tenant_id: int, shop_id: int, new: NewTicket, at: datetime
) -> int:
    number = await handoffs.open_ticket(connection, tenant_id, shop_id, new, "test", at)
    assert number is not None
    return number


def sign_in(page: Page, url: str, badge: str = BADGE) -> None:
    page.goto(url)
    page.get_by_label("Badge").fill(badge)
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".light")).to_contain_text("Live")


@pytest.fixture
def opened(browser: Browser, desk: Tickets) -> Iterator[Visit]:
    """The queue with a planner signed in."""
    with visit(browser, DESK) as opened:
        sign_in(opened.page, f"{desk.console_url}/console/tickets")
        yield opened


def test_the_queue_shows_whichever_is_due_first_and_the_overdue_steps(
    opened: Visit, desk: Tickets
) -> None:
    page = opened.page
    rows = page.locator("table.tickets tbody tr")
    expect(rows.first).to_contain_text("Promise at risk")
    expect(rows.first.locator(".past-due")).to_be_visible()
    expect(rows.last).to_contain_text("Stock")
    expect(page.locator(".overdue-steps li").first).to_be_visible()
    expect(page.get_by_role("link", name="Tickets", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    assert not opened.errors


def test_a_planner_takes_a_ticket_and_answers_it(opened: Visit, desk: Tickets) -> None:
    page = opened.page
    page.goto(f"{desk.console_url}/console/tickets/{desk.numbers[1]}")
    expect(page.locator(".talk .words")).to_contain_text("I wait since Monday.")
    expect(page.locator(".timeline")).to_contain_text("Accepted")
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_hidden()
    page.get_by_label("Answer or reason").focus()
    page.keyboard.press("Tab")
    take = page.get_by_role("button", name="Take it")
    expect(take).to_be_focused()
    expect(take).not_to_have_css("box-shadow", "none")
    page.keyboard.press("Enter")
    expect(page.locator(".page-title")).to_contain_text("With Petra")
    page.get_by_label("Answer or reason").fill("It comes <b>tomorrow</b>.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator(".talk .words").last).to_have_text("It comes <b>tomorrow</b>.")
    expect(page.locator(".page-title")).to_contain_text("Answered")
    expect(page.get_by_label("Answer or reason")).to_be_hidden()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".page-title")).to_contain_text("Closed")
    assert not opened.errors


def test_a_number_that_nothing_has_is_said_to_be_none(opened: Visit, desk: Tickets) -> None:
    for number in (999_999, 10**30):
        opened.page.goto(f"{desk.console_url}/console/tickets/{number}")
        expect(opened.page.locator(".empty strong")).to_contain_text("There is no")
        expect(opened.page.get_by_role("button", name="Take it")).to_have_count(0)
    assert not opened.errors


def test_hostile_words_are_shown_as_text(opened: Visit, desk: Tickets) -> None:
    page = opened.page
    page.goto(f"{desk.console_url}/console/tickets/{desk.numbers[0]}")
    expect(page.locator(".talk .words")).to_have_text(HOSTILE)
    assert page.evaluate("window.owned") is None
    assert not opened.errors


def test_the_next_ticket_is_the_first_that_a_planner_may_take_and_is_given_back(
    opened: Visit, desk: Tickets
) -> None:
    page = opened.page
    # The one above it was late twice: it waits for a supervisor.
    expect(page.locator("table.tickets tbody tr").first).to_contain_text("supervisor")
    page.get_by_role("button", name="Take the next").click()
    expect(page.locator(".page-title")).to_contain_text("Damage")
    expect(page.locator(".page-title")).to_contain_text("With Petra")
    page.get_by_role("button", name="Give back").click()
    expect(page.locator(".page-title")).to_contain_text("Waiting")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Say why it is closed")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, NARROW], ids=["wide", "narrow"])
def test_the_pages_fit_every_screen(
    browser: Browser, desk: Tickets, size: ViewportSize, scheme: str
) -> None:
    with visit(browser, size) as opened:
        page = opened.page
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        sign_in(page, f"{desk.console_url}/console/tickets")
        for path in ("", f"/{desk.numbers[0]}"):
            page.goto(f"{desk.console_url}/console/tickets{path}")
            expect(page.locator(".light")).to_contain_text("Live")
            expect(page.locator(".overdue-steps li").first).to_be_visible()
            expect(page.get_by_role("button", name="Take")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_supervisor_changes_a_step_s_limit_and_a_planner_reads_it(
    browser: Browser, desk: Tickets
) -> None:
    url = f"{desk.console_url}/console/tickets/limits"
    with visit(browser, DESK) as opened:
        page = opened.page
        sign_in(page, url, BOSS)
        page.get_by_role("link", name="Stage", exact=True).click()
        page.get_by_label("May take").fill("in a while")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".q-notification")).to_contain_text("Write a time")
        page.get_by_label("May take").fill("1 h 15 min")
        page.get_by_role("button", name="Save").click()
        expect(page.locator('tr[data-key="stage/"]')).to_contain_text("1 h 15 min")
        expect(page.locator('tr[data-key="stage/"]')).to_contain_text("Sue")
        # A kind of hold gets a limit of its own, and its own time again.
        row = page.locator('tr[data-key="hold/no_carton"]')
        expect(row).to_contain_text("as all holds")
        page.get_by_role("link", name="No carton").click()
        page.get_by_label("May take").fill("20 min")
        page.get_by_role("button", name="Save").click()
        expect(row).to_contain_text("20 min")
        page.get_by_role("link", name="No carton").click()
        page.get_by_role("button", name="Its own time again").click()
        expect(row).to_contain_text("as all holds")
        assert not opened.errors
    with visit(browser, DESK) as opened:
        page = opened.page
        sign_in(page, f"{url}?step=stage&kind=")
        expect(page.locator('tr[data-key="stage/"]')).to_contain_text("1 h 15 min")
        assert page.locator('tr[data-key="stage/"] a').count() == 0
        assert page.get_by_role("button", name="Save").count() == 0


def test_what_was_given_up_leads_from_the_alarm_to_its_end(browser: Browser, desk: Tickets) -> None:
    with visit(browser, DESK) as opened:
        page = opened.page
        sign_in(page, f"{desk.console_url}/console")
        page.get_by_role("link", name="1 message given up: webhooks").click()
        row = page.locator("tbody tr")
        expect(row).to_contain_text(HOSTILE)
        row.get_by_role("link", name="https://shop.example/hooks").click()
        expect(page.get_by_role("button", name="Send again")).to_be_visible()
        page.get_by_role("button", name="Let them rest").click()
        page.locator(".dialog").get_by_role("button", name="Let them rest").click()
        expect(page.locator(".empty")).to_contain_text("Nothing was given up")
        page.goto(f"{desk.console_url}/console")
        expect(page.locator(".light")).to_contain_text("Live")
        expect(page.get_by_text("given up: webhooks")).to_have_count(0)
        assert page.evaluate("window.owned") is None
        assert not opened.errors

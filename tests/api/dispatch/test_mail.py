"""Mails to buyers: tried until a server takes them, recognisable when they come twice."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from api.dispatch.mail import WAITS
from api.dispatch.sender import Sender, open_sender
from api.settings import Settings
from tests.api.dispatch.post_office import Office, post_office
from tests.api.dispatch.receiver import ClockHouse, settle
from tests.builders import NOW, order_id_of, rows, value
from tests.key import KEYSET
from tests.patience import PATIENCE_S
from tests.wms.journey.buyer.shelf import buy_by_mail, codes_of, digital_shop, pay_and_work, states
from wms.database.pool import staff_transaction
from wms.journey.handoff.buyer import talk_of
from wms.notice.notice import tag_of
from wms.outbox.command import Answer

HOSTILE = "<script>alert(1)</script>\r\nBcc: all@example.com \u202e李👩‍👩‍👧"


def house_of(pool: asyncpg.Pool, url: str | None) -> ClockHouse:
    settings = Settings(smtp_url=url, mail_from="Stowline <post@house.example>")
    return ClockHouse(settings, pool, random.Random(1), KEYSET)


@asynccontextmanager
async def sending(pool: asyncpg.Pool, office: Office) -> AsyncIterator[tuple[ClockHouse, Sender]]:
    """A sender that gives mails to that office, with nothing left of the tests before."""
    house = house_of(pool, office.url)
    async with open_sender(house) as sender:
        yield house, sender


async def bought(
    pool: asyncpg.Pool, customer: dict[str, object] | None = None, language: str = "en"
) -> Answer:
    """An order whose code waits to be sent, alone in the outbox."""
    async with staff_transaction(pool) as connection:
        await connection.execute("update outbox set dead_at = now() where done_at is null")
    shop = await digital_shop(pool, codes=2)
    order = await buy_by_mail(pool, shop, ("GAME", 1), customer=customer, language=language)
    await pay_and_work(pool, shop, order)
    return order


async def notice_of(pool: asyncpg.Pool, order: Answer) -> asyncpg.Record:
    [row] = await rows(
        pool,
        "select n.*, o.attempts, o.dead_at, o.last_error, o.last_status, o.payload from notice n "
        "join outbox o on o.message_id = 'mail_' || n.id where n.order_id = $1",
        order_id_of(order),
    )
    return row


def number_of(notice: asyncpg.Record) -> str:
    """The Message-ID that a notice has however often it is sent."""
    number = f"mail_{notice['id']}"
    return f"<{number}.{tag_of(KEYSET, number)}@house.example>"


async def test_a_code_reaches_its_buyer_and_ends_the_order(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office() as office, sending(pool, office) as (_, sender):
        await settle(sender)
    [mail] = office.taken
    assert mail["To"] == "Ada Merton <ada@merton.example>"
    assert mail["From"].addresses[0].addr_spec == "post@house.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    [code] = await codes_of(pool, order)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert code in plain.get_content() and code in html.get_content()
    assert office.envelopes[0].rcpt_tos == ["ada@merton.example"]
    notice = await notice_of(pool, order)
    assert (notice["state"], notice["attempts"]) == ("sent", 1)
    assert mail["Message-ID"] == number_of(notice)
    assert await states(pool, order) == {True: "closed"}


async def test_a_chinese_buyer_reads_chinese(pool: asyncpg.Pool) -> None:
    await bought(pool, {"name": "李雷", "email": "li@example.com"}, "zh-Hans")
    async with post_office(utf8=False) as office, sending(pool, office) as (_, sender):
        await settle(sender)
    [mail] = office.taken
    assert "兑换码" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None and "李雷，您好" in body.get_content()
    assert mail["To"].addresses[0].display_name == "李雷"


async def test_a_mail_says_where_its_buyer_finds_a_human(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office() as office:
        settings = Settings(
            smtp_url=office.url, mail_from="post@house.example", public_url="https://house.example"
        )
        house = ClockHouse(settings, pool, random.Random(1), KEYSET)
        async with open_sender(house) as sender:
            await settle(sender)
    [mail] = office.taken
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"https://house\.example/buyer/help/(\S+)", body.get_content())
    assert found is not None
    talk = await talk_of(pool, found[1], NOW)
    assert talk.external_order_id == order.body["external_order_id"]


async def test_a_hostile_name_is_text_and_no_header(pool: asyncpg.Pool) -> None:
    await bought(pool, {"name": HOSTILE, "email": "ada@merton.example"})
    async with post_office() as office, sending(pool, office) as (_, sender):
        await settle(sender)
    [mail] = office.taken
    assert mail["Bcc"] is None
    assert office.envelopes[0].rcpt_tos == ["ada@merton.example"]
    html = mail.get_body(("html",))
    assert html is not None and "<script" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert "\u202e" not in html.get_content()


async def test_an_address_in_another_script_goes_to_a_server_that_can(pool: asyncpg.Pool) -> None:
    mail: dict[str, object] = {"name": "李雷", "email": "李雷@例子.example"}
    order = await bought(pool, mail)
    async with post_office(utf8=True) as office, sending(pool, office) as (_, sender):
        await settle(sender)
    assert len(office.taken) == 1
    assert (await notice_of(pool, order))["state"] == "sent"
    other = await bought(pool, mail)
    async with post_office(utf8=False) as office, sending(pool, office) as (_, sender):
        await settle(sender)
    assert (await notice_of(pool, other))["state"] == "bounced"


async def test_a_server_that_puts_it_off_is_asked_again_under_the_same_id(
    pool: asyncpg.Pool,
) -> None:
    order = await bought(pool)
    async with post_office() as office, sending(pool, office) as (house, sender):
        office.rcpt = ["450 4.2.0 greylisted, come back"]
        office.data = ["451 4.3.0 later"]
        await settle(sender)
        assert office.taken == []
        for _ in range(2):
            house.pass_time(minutes=3)
            await settle(sender)
    [mail] = office.taken
    notice = await notice_of(pool, order)
    assert (notice["state"], notice["attempts"]) == ("sent", 3)
    assert mail["Message-ID"] == number_of(notice)


async def test_a_mailbox_that_does_not_exist_bounces_at_once(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office() as office, sending(pool, office) as (house, sender):
        office.rcpt = ["550 5.1.1 <ada@merton.example> is unknown here"]
        await settle(sender)
        house.pass_time(days=9)
        await settle(sender)
    assert office.taken == []
    notice = await notice_of(pool, order)
    assert (notice["state"], notice["attempts"]) == ("bounced", 1)
    assert notice["error"] == "550 5.1.1 (an address) is unknown here"
    assert "ada@" not in notice["last_error"]
    [told] = await rows(
        pool,
        "select data from event where order_id = $1 and type = 'notice.bounced'",
        order_id_of(order),
    )
    assert told["data"]["notice_id"] == notice["id"]
    assert told["data"]["kind"] == "digital"
    assert await states(pool, order) == {True: "handed_over"}


async def test_a_refused_message_bounces(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office() as office, sending(pool, office) as (_, sender):
        office.data = ["552 5.2.2 mailbox full"]
        await settle(sender)
    assert (await notice_of(pool, order))["state"] == "bounced"


async def test_what_is_our_own_fault_bounces_nothing(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office(user="somebody") as office:
        # The password's server knows another user.
        house = house_of(pool, office.url.replace("somebody", "stranger"))
        async with open_sender(house) as sender:
            await settle(sender)
            notice = await notice_of(pool, order)
            assert (notice["state"], notice["attempts"]) == ("waiting", 1)
        house = house_of(pool, office.url)
        house.pass_time(minutes=1)
        async with open_sender(house) as sender:
            await settle(sender)
    assert office.users[-1] == b"somebody"
    assert (await notice_of(pool, order))["state"] == "sent"


async def test_a_server_that_hangs_up_amid_the_message_gets_it_again(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office() as office, sending(pool, office) as (house, sender):
        office.hangs_up = 1
        await settle(sender)
        assert (await notice_of(pool, order))["state"] == "waiting"
        house.pass_time(minutes=1)
        await settle(sender)
    assert len(office.taken) == 1
    assert (await notice_of(pool, order))["attempts"] == 2


async def test_a_server_that_is_not_there_loses_nothing(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office() as office:
        gone = house_of(pool, office.url.rpartition(":")[0] + ":1")
        async with open_sender(gone) as sender:
            await settle(sender)
        assert (await notice_of(pool, order))["state"] == "waiting"
        async with sending(pool, office) as (house, sender):
            house.pass_time(minutes=1)
            await settle(sender)
    assert len(office.taken) == 1


async def test_a_slow_server_is_waited_for_and_given_one_message(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.dispatch.mail.SEND_S_MAX", 0.5)
    order = await bought(pool)
    async with post_office(slow=True) as office, sending(pool, office) as (house, sender):
        await settle(sender)
        notice = await notice_of(pool, order)
        assert (notice["state"], notice["attempts"]) == ("waiting", 1)
        assert notice["last_error"].startswith("TimeoutError")
        office.gate.set()
        monkeypatch.setattr("api.dispatch.mail.SEND_S_MAX", PATIENCE_S)
        house.pass_time(minutes=1)
        await settle(sender)
    # What it took although nobody waited any more has the same number as what came after.
    assert len({mail["Message-ID"] for mail in office.taken}) == 1
    assert (await notice_of(pool, order))["state"] == "sent"


async def test_after_three_days_of_trying_a_mail_is_given_up_and_told(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with post_office() as office, sending(pool, office) as (house, sender):
        office.rcpt = ["450 4.2.0 later"] * 50
        for _ in range(len(WAITS) + 1):
            await settle(sender)
            house.pass_time(days=1, hours=3)
        await settle(sender)
    notice = await notice_of(pool, order)
    assert (notice["state"], notice["attempts"]) == ("bounced", len(WAITS) + 1)
    assert await value(pool, "select count(*) from event where order_id = $1 and type = $2",
                       order_id_of(order), "notice.bounced") == 1  # fmt: skip


async def test_a_buyer_who_was_forgotten_is_not_written_to(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with staff_transaction(pool) as connection:
        await connection.execute(
            "update notice set to_whom = forgotten(to_whom) where order_id = $1", order_id_of(order)
        )
    async with post_office() as office, sending(pool, office) as (_, sender):
        await settle(sender)
    assert office.taken == []


async def test_without_a_server_mails_wait_and_go_out_when_there_is_one(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    async with open_sender(house_of(pool, None)) as sender:
        await settle(sender)
    notice = await notice_of(pool, order)
    assert (notice["state"], notice["attempts"], notice["dead_at"]) == ("waiting", 0, None)
    async with post_office() as office, sending(pool, office) as (_, sender):
        await settle(sender)
    assert len(office.taken) == 1


async def test_nothing_of_the_buyer_stands_in_the_outbox(pool: asyncpg.Pool) -> None:
    order = await bought(pool)
    assert set((await notice_of(pool, order))["payload"]) == {"notice_id"}

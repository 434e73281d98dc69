"""A mail that comes back after a server took it: told once, and sent again with the same code."""

import asyncio
import json
import os
import re
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from api.cli import app
from api.dispatch.report import read_report
from tests.api.dispatch.post_office import post_office
from tests.api.dispatch.receiver import settle
from tests.api.dispatch.test_mail import bought, notice_of, sending
from tests.builders import NOW, order_id_of, rows
from tests.key import DATA_KEYS, KEYSET
from tests.wms.journey.buyer.shelf import codes_of, states
from wms.error import NotFound, Refused
from wms.journey.buyer import delivery
from wms.journey.buyer.notice import take_report
from wms.journey.request import Request
from wms.notice.notice import tag_of
from wms.outbox.command import Answer
from wms.tenants.shop import Shop

# What a parser of mails looks for.
PIECES = (
    b"boundary*0*=a'en'x;", b"boundary*=\x00'en'", b"charset*1=", b"message/rfc822", b"\r\n\r\n",
    b"--", b"=?x?b?", b"; ", b'"', b"Content-Type: multipart/digest\r\n", b"Action: ",
    b"Content-Transfer-Encoding: base64\r\n", b"\xff", b"\x00", b"\r", b"\xe2\x80\xa8",
)  # fmt: skip
UNFINISHED = (
    b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--x--"
)


def report_of(
    mail: EmailMessage | str, action: str = "failed", status: str = "5.1.1", whole: bool = True
) -> bytes:
    """What a mail server writes to the sender of a mail that it could not bring to its buyer."""
    number = mail if isinstance(mail, str) else str(mail["Message-ID"])
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = "MAILER-DAEMON@mx.example"
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report.attach(MIMEText("This is the mail system at host mx.example."))
    said = MIMEBase("message", "delivery-status")
    about, recipient = EmailMessage(), EmailMessage()
    about["Reporting-MTA"] = "dns; mx.example"
    recipient["Final-Recipient"] = "rfc822; ada@merton.example"
    recipient["Action"] = action
    recipient["Status"] = status
    recipient["Diagnostic-Code"] = "smtp; 550 <ada@merton.example> is unknown here"
    said.set_payload([about, recipient])
    report.attach(said)
    returned = EmailMessage()
    returned["Message-ID"] = number
    returned["Subject"] = "Your codes"
    if whole:
        part = MIMEBase("message", "rfc822")
        part.set_payload([returned])
    else:
        part = MIMEBase("text", "rfc822-headers")
        part.set_payload(returned.as_string())
    report.attach(part)
    return report.as_bytes()


async def sent(pool: asyncpg.Pool) -> tuple[Answer, EmailMessage]:
    """An order whose code a mail server took, and the mail."""
    order = await bought(pool)
    async with post_office() as office, sending(pool, office) as (_, sender):
        await settle(sender)
    [mail] = office.taken
    return order, mail


async def take(pool: asyncpg.Pool, content: bytes) -> bool:
    report = read_report(content)
    found = await take_report(
        pool, report.message_id, report.tag, failed=report.failed, reason=report.reason, now=NOW
    )
    return found.changed


async def bounces(pool: asyncpg.Pool, order: Answer) -> list[asyncpg.Record]:
    return await rows(
        pool,
        "select data from event where order_id = $1 and type = 'notice.bounced'",
        order_id_of(order),
    )


@pytest.mark.parametrize("whole", [True, False])
async def test_a_mail_that_comes_back_is_told_once_and_ends_nothing(
    pool: asyncpg.Pool, whole: bool
) -> None:
    order, mail = await sent(pool)
    assert await take(pool, report_of(mail, whole=whole))
    assert not await take(pool, report_of(mail, whole=whole))
    notice = await notice_of(pool, order)
    assert notice["state"] == "bounced"
    assert notice["error"] == "5.1.1 550 (an address) is unknown here"
    [told] = await bounces(pool, order)
    assert (told["data"]["notice_id"], told["data"]["kind"]) == (notice["id"], "digital")
    assert await states(pool, order) == {True: "closed"}


@pytest.mark.parametrize("refused", ["at once", "later"])
async def test_what_came_back_goes_out_again_with_the_same_code(
    pool: asyncpg.Pool, refused: str
) -> None:
    if refused == "later":
        order, mail = await sent(pool)
        await take(pool, report_of(mail))
    else:
        order = await bought(pool)
        async with post_office() as office, sending(pool, office) as (_, sender):
            office.rcpt = ["550 5.1.1 unknown"]
            await settle(sender)
    assert (await notice_of(pool, order))["state"] == "bounced"
    codes = await codes_of(pool, order)
    [row] = await rows(
        pool,
        "select d.id, o.tenant_id, o.shop_id from digital_delivery d "
        "join shop_order o on o.id = d.order_id where d.order_id = $1",
        order_id_of(order),
    )
    shop = Shop(row["tenant_id"], row["tenant_id"], row["shop_id"], "x", frozenset(), False)
    request = Request(shop, "after the bounce", "resend", b"x")
    await delivery.resend(pool, request, row["id"], "ada@new.example", NOW)
    async with post_office() as office, sending(pool, office) as (_, sender):
        await settle(sender)
    [again] = office.taken
    assert again["To"].addresses[0].addr_spec == "ada@new.example"
    body = again.get_body(("plain",))
    assert body is not None and codes[0] in body.get_content()
    assert await codes_of(pool, order) == codes


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
async def test_what_is_only_late_or_has_arrived_is_no_bounce(
    pool: asyncpg.Pool, action: str
) -> None:
    order, mail = await sent(pool)
    assert not await take(pool, report_of(mail, action, "4.4.1"))
    assert (await notice_of(pool, order))["state"] == "sent"
    assert await bounces(pool, order) == []


async def test_nobody_makes_up_a_report_of_a_mail_that_they_have_not_had(
    pool: asyncpg.Pool,
) -> None:
    order, _ = await sent(pool)
    notice = await notice_of(pool, order)
    forged = f"<mail_{notice['id']}.{'0' * 16}@house.example>"
    with pytest.raises(NotFound):
        await take(pool, report_of(forged))
    number = f"mail_{2**62}"
    with pytest.raises(NotFound):
        await take(pool, report_of(f"<{number}.{tag_of(KEYSET, number)}@house.example>"))
    assert (await notice_of(pool, order))["state"] == "sent"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 99,
        b"Subject: out of office\r\n\r\nBack on Monday.",
        report_of("<something@else.example>"),
        report_of("<mail_1@house.example>"),
        UNFINISHED,
    ],
)
def test_any_other_mail_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        read_report(content)
    assert refusal.value.code == "no_report"


@given(st.data())
def test_a_report_with_anything_changed_is_read_or_refused_with_a_pointer(
    data: st.DataObject,
) -> None:
    whole = data.draw(st.booleans())
    content = bytearray(report_of("<mail_1.0123456789abcdef@house.example>", whole=whole))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        piece = data.draw(st.binary(max_size=6) | st.sampled_from(PIECES))
        content[at : at + data.draw(st.integers(0, 8))] = piece
    try:
        report = read_report(bytes(content))
    except Refused as refusal:
        assert (refusal.code, refusal.pointer is None) == ("no_report", False)
    else:
        assert not re.search("[\x00-\x1f\x7f]", report.reason) and report.reason.encode()


async def test_the_mail_server_pipes_its_reports_into_a_command(
    pool: asyncpg.Pool, database: str, tmp_path: Path
) -> None:
    order, mail = await sent(pool)
    environment = {name: text for name, text in os.environ.items() if "STOWLINE" not in name} | {
        "STOWLINE_DATABASE_URL": database,
        "STOWLINE_DATA_KEYS": DATA_KEYS,
        "STOWLINE_HOME": str(tmp_path),
    }
    result = await asyncio.to_thread(
        CliRunner().invoke, app, ["mail", "report", "-", "--json"], report_of(mail), environment
    )
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["state"], said["done"], said["changed"]) == ("bounced", "given_up", True)
    assert (await notice_of(pool, order))["state"] == "bounced"

"""Connections to a mail server: kept for the next mail, and never a reason to lose one."""

import asyncio
from email.message import EmailMessage

import pytest
from aiosmtplib.errors import SMTPException

from api.dispatch import post as posts
from api.dispatch.post import open_post
from api.dispatch.relay import Relay
from api.settings import Settings
from tests.api.dispatch.post_office import Office, post_office


def relay_of(office: Office) -> Relay:
    relay = Relay.of(Settings(smtp_url=office.url, mail_from="post@house.example"))
    assert relay is not None
    return relay


def a_mail(number: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "post@house.example", "ada@merton.example"
    mail["Message-ID"] = f"<{number}@house.example>"
    mail.set_content(f"Mail {number}")
    return mail


def numbers(office: Office) -> list[str]:
    return [str(mail["Message-ID"])[1:].partition("@")[0] for mail in office.taken]


async def test_mails_that_follow_each_other_share_a_connection() -> None:
    async with post_office() as office, open_post(relay_of(office)) as post:
        for number in range(5):
            await post.give(a_mail(number))
    assert numbers(office) == ["0", "1", "2", "3", "4"]
    assert office.connections == 1


async def test_mails_at_the_same_time_have_a_connection_each() -> None:
    async with post_office() as office, open_post(relay_of(office)) as post:
        for _ in range(2):
            await asyncio.gather(*(post.give(a_mail(number)) for number in range(4)))
    assert sorted(numbers(office)) == sorted("0123" * 2)
    assert office.connections == 4


async def test_a_server_that_hung_up_meanwhile_is_called_again() -> None:
    async with post_office() as office, open_post(relay_of(office)) as post:
        await post.give(a_mail(0))
        office.hang_up()
        await post.give(a_mail(1))
    assert numbers(office) == ["0", "1"]
    assert office.connections == 2


async def test_a_server_that_hangs_up_amid_the_next_mail_is_called_again() -> None:
    async with post_office() as office, open_post(relay_of(office)) as post:
        await post.give(a_mail(0))
        office.hangs_up = 1
        await post.give(a_mail(1))
    assert numbers(office) == ["0", "1"]


async def test_a_refused_mail_is_given_once_and_the_next_is_taken() -> None:
    async with post_office() as office, open_post(relay_of(office)) as post:
        await post.give(a_mail(0))
        office.data = ["550 5.7.1 no"]
        with pytest.raises(SMTPException):
            await post.give(a_mail(1))
        await post.give(a_mail(2))
    assert numbers(office) == ["0", "2"]


async def test_a_connection_has_so_many_mails_and_waits_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posts, "MAILS_MAX", 2)
    async with post_office() as office, open_post(relay_of(office)) as post:
        for number in range(5):
            await post.give(a_mail(number))
        assert office.connections == 3
        monkeypatch.setattr(posts, "IDLE_S_MAX", 0.0)
        await post.give(a_mail(5))
        await post.give(a_mail(6))
    assert office.connections == 5
    assert len(numbers(office)) == 7

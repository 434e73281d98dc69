"""The mail server that the settings name: who it is, and what it may hear."""

import random

import asyncpg
import pytest

from api.dispatch.mail import open_mail
from api.dispatch.relay import Relay
from api.settings import Settings, SettingsError
from tests.api.dispatch.receiver import ClockHouse
from tests.key import KEYSET


@pytest.mark.parametrize(
    ("url", "tls", "start_tls", "port"),
    [
        ("smtps://u:p@mail.example", True, None, 465),
        ("smtp://u:p%40ss@mail.example", False, True, 587),
        ("smtp://mail.example:25?tls=no", False, False, 25),
        ("smtp://127.0.0.1:2525", False, None, 2525),
        ("smtp://u:p@localhost", False, None, 587),
    ],
)
def test_a_password_goes_to_nobody_else_in_the_clear(
    url: str, tls: bool, start_tls: bool | None, port: int
) -> None:
    relay = Relay.of(Settings(smtp_url=url, mail_from="post@house.example"))
    assert relay is not None
    assert (relay.tls, relay.start_tls, relay.port) == (tls, start_tls, port)
    assert "p@ss" not in repr(relay)


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example", "smtp://", "mail.example", "smtp://u@mail.example",
        "smtp://u:p@mail.example?tls=no", "smtps://mail.example?tls=no",
        "smtp://mail.example:99999", "smtp://mail.example/path", "smtp://mail.example?tls=yes",
    ],
)  # fmt: skip
def test_a_server_s_address_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="STOWLINE_SMTP_URL"):
        Relay.of(Settings(smtp_url=url, mail_from="post@house.example"))


@pytest.mark.parametrize("sender", [None, "nobody", "a@b"])
async def test_mails_need_an_address_that_they_come_from(
    pool: asyncpg.Pool, sender: str | None
) -> None:
    settings = Settings(smtp_url="smtp://127.0.0.1", mail_from=sender)
    house = ClockHouse(settings, pool, random.Random(1), KEYSET)
    with pytest.raises(SettingsError, match="STOWLINE_MAIL_FROM"):
        async with open_mail(house):
            pass


def test_the_password_shows_in_no_settings() -> None:
    assert "geheim" not in repr(Settings(smtp_url="smtp://u:geheim@mail.example"))

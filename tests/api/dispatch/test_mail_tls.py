"""The way to a mail server elsewhere: nothing is said before its certificate has been checked."""

import random
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.dispatch.sender import open_sender
from api.settings import Settings
from tests.api.dispatch.post_office import Office, post_office
from tests.api.dispatch.receiver import ClockHouse, settle
from tests.api.dispatch.test_mail import bought, notice_of
from tests.key import KEYSET

HOST = "mail.far.example"
TODAY = datetime.now(UTC)


def a_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Signs certificates; whoever has its file trusts them."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._key = (
            folder,
            a_name(name),
            ec.generate_private_key(ec.SECP256R1()),
        )
        self.file = folder / f"{name}.pem"
        made = self._sign(self._name, self._key, TODAY + timedelta(days=1), None)
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def server(self, host: str, until: datetime | None = None) -> ssl.SSLContext:
        """What a server of that name speaks TLS with."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._sign(a_name(host), key, until or TODAY + timedelta(days=1), host)
        file = self._folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime, host: str | None
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=30))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one authority of a system on which that host has the address of this machine."""
    authority = Authority(tmp_path, "trusted")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    real: Callable[..., Any] = socket.getaddrinfo

    def near(host: Any, *more: Any, **named: Any) -> Any:
        return real("127.0.0.1" if host == HOST else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", near)
    return authority


async def sent(pool: asyncpg.Pool, office: Office, scheme: str) -> asyncpg.Record:
    """What becomes of a mail that is given to that office as to a server elsewhere."""
    order = await bought(pool)
    port = office.url.rpartition(":")[2]
    url = f"{scheme}://somebody:secret@{HOST}:{port}"
    settings = Settings(smtp_url=url, mail_from="post@house.example")
    house = ClockHouse(settings, pool, random.Random(1), KEYSET)
    async with open_sender(house) as sender:
        await settle(sender)
    return await notice_of(pool, order)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_mail_goes_through_tls_to_whoever_the_server_should_be(
    pool: asyncpg.Pool, trusted: Authority, scheme: str
) -> None:
    tls, smtps = trusted.server(HOST), scheme == "smtps"
    async with post_office(user="somebody", tls=tls, from_start=smtps) as office:
        notice = await sent(pool, office, scheme)
    assert notice["state"] == "sent"
    assert (len(office.taken), office.ciphered) == (1, [True])
    assert office.users == [b"somebody"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("wrong", ["name", "authority", "time"])
async def test_a_wrong_certificate_hears_neither_password_nor_mail(
    pool: asyncpg.Pool, trusted: Authority, tmp_path: Path, scheme: str, wrong: str
) -> None:
    tls = {
        "name": lambda: trusted.server("mail.other.example"),
        "authority": lambda: Authority(tmp_path, "stranger").server(HOST),
        "time": lambda: trusted.server(HOST, TODAY - timedelta(days=1)),
    }[wrong]()
    async with post_office(user="somebody", tls=tls, from_start=scheme == "smtps") as office:
        notice = await sent(pool, office, scheme)
    assert (office.taken, office.users) == ([], [])
    # It is our affair, and may be mended: the buyer's mail waits.
    assert (notice["state"], notice["attempts"]) == ("waiting", 1)
    assert "certificate" in notice["last_error"].lower()


async def test_a_server_elsewhere_that_offers_no_tls_is_told_nothing(
    pool: asyncpg.Pool, trusted: Authority
) -> None:
    async with post_office(user="somebody") as office:
        notice = await sent(pool, office, "smtp")
    assert office.connections == 1
    assert (office.taken, office.users) == ([], [])
    assert (notice["state"], notice["attempts"]) == ("waiting", 1)

"""The mail server that takes the house's mails, as its setting names it."""

import ssl
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from api.settings import Settings, SettingsError, variable
from wms.error import Refused
from wms.notice.notice import clean, mail_address

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mails are given to, and as whom.

    tls: from the first byte. start_tls: it has to be begun before anything is said; None where the
    server may do without, which only a server on this machine or behind `?tls=no` may.
    """

    host: str
    port: int
    tls: bool
    start_tls: bool | None
    user: str | None
    password: str | None = field(repr=False)
    sender: str
    sender_name: str

    @property
    def domain(self) -> str:
        """What follows the @ of the house's own address."""
        return self.sender.rpartition("@")[2]

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The relay of the settings, or None where no mail is sent.

        Raises: SettingsError
        """
        if settings.smtp_url is None:
            return None
        name, from_address = parseaddr(settings.mail_from or "")
        try:
            sender = mail_address(from_address)
        except Refused as error:
            raise SettingsError(
                f"{variable('mail_from')}: mails need an address that they come from"
            ) from error
        return cls._of_url(settings.smtp_url, sender, clean(name))

    @classmethod
    def _of_url(cls, url: str, sender: str, sender_name: str) -> Self:
        wrong = SettingsError(
            f"{variable('smtp_url')}: a mail server is smtp://user:password@host:port, smtps:// "
            "with TLS from the start; `?tls=no` does without where no password is sent"
        )
        try:
            parts = urlsplit(url)
            port = parts.port
            query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError as error:
            raise wrong from error
        host = parts.hostname or ""
        if not host or parts.scheme not in PORTS or parts.path not in ("", "/"):
            raise wrong
        if query not in ({}, {"tls": ["no"]}) or (query and parts.scheme == "smtps"):
            raise wrong
        user = None if parts.username is None else unquote(parts.username)
        password = None if parts.password is None else unquote(parts.password)
        near = _is_near(host)
        if (user is None) != (password is None) or (query and user is not None and not near):
            raise wrong
        tls = parts.scheme == "smtps"
        start_tls = None if tls else False if query else None if near else True
        return cls(
            host, port or PORTS[parts.scheme], tls, start_tls, user, password, sender, sender_name
        )

    def context(self) -> ssl.SSLContext:
        """The TLS that certificates are checked with; a server on this machine need not have one.

        Its traffic leaves this machine for nobody.
        """
        context = ssl.create_default_context()
        if _is_near(self.host):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _is_near(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

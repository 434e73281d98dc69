"""Where a webhook may go: by https to a public address, so that nobody knocks at our own doors."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from wms.error import Refused

_PROTOCOLS = IPv6Network("2001::/23")
_DOCUMENTATION = (IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))
# Addresses that stand for an IPv4 one in their last 32 bits; 6to4 has its own in bits 16 to 48.
_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_OURS = ("localhost", "local", "internal", "localdomain", "home.arpa")


def why_refused(address: str) -> str | None:
    """Why nothing may be sent to this IP address; None where it is a public one.

    What stands for an IPv4 address (IPv4-mapped, 6to4, NAT64) is judged by that.
    Source: the special-purpose address registries of IANA (RFC 6890).
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is no IP address"
    judged = _embedded(found) if isinstance(found, IPv6Address) else found
    is_public = _is_public(judged) if isinstance(judged, IPv4Address) else _is_public_6(judged)
    return None if is_public else f"{address} is no public address"


def _embedded(address: IPv6Address) -> IPv4Address | IPv6Address:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: IPv4Address) -> bool:
    reserved = address.is_multicast or address.is_reserved or address.is_unspecified
    # Of 192.0.0.0/24 and the old relays of 6to4 nothing is a shop's.
    special = int(address) >> 8 in (0xC0_00_00, 0xC0_58_63)
    return address.is_global and not reserved and not special


def _is_public_6(address: IPv6Address) -> bool:
    special = address in _PROTOCOLS or any(address in network for network in _DOCUMENTATION)
    return address in _GLOBAL_UNICAST and address.is_global and not special


def checked_host(url: str, *, private: bool) -> str:
    """The host of an address that a webhook may be sent to, as far as its text tells.

    private: plain http and addresses of our own are allowed, for development.

    Raises:
        Refused: `bad_url`.
    """
    try:
        parts = urlsplit(url)
        # A port beyond 65535 and a name with an empty or overlong label are found out here.
        host = (parts.hostname or "").encode("idna").decode()
        named = parts.port != 0 and bool(host)
    except ValueError:
        named, host = False, ""
    if not named or parts.scheme not in ("http", "https") or set(url) & set(" \t\r\n\\"):
        raise _refused("A webhook endpoint is an https address.")
    if parts.username is not None or parts.password is not None:
        raise _refused("A webhook endpoint holds no name or password: it knows us by signature.")
    if private:
        return host
    if parts.scheme != "https":
        raise _refused("A webhook endpoint is called by https only.")
    if _is_ours(host):
        raise _refused(f"{host} is no public name.")
    if _is_literal(host) and (why := why_refused(host)) is not None:
        raise _refused(f"{why}.")
    return host


def _is_ours(host: str) -> bool:
    name = host.rstrip(".").lower()
    if _is_literal(name):
        return False
    return "." not in name or any(name == one or name.endswith(f".{one}") for one in _OURS)


def _is_literal(host: str) -> bool:
    """Whether a host is a number of some kind; the kinds that are no IP address are refused."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    hexadecimal = last.startswith("0x") and not set(last[2:]) - set("0123456789abcdef")
    return ":" in host or last.isdigit() or hexadecimal


def _refused(detail: str) -> Refused:
    return Refused("bad_url", detail, "/url")

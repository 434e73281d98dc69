"""A webhook goes to a public https address; nothing else is called, however it is written."""

import pytest

from wms.error import Refused
from wms.outbox.target import checked_host, why_refused


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.216.34",
        "2606:2800:220:1:248:1893:25c8:1946",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_a_public_address_may_be_called(address: str) -> None:
    assert why_refused(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "2002:c0a8:101::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "no address",
        "2130706433",
        "127.1",
        "",
    ],
)
def test_an_address_of_our_own_is_refused(address: str) -> None:
    assert why_refused(address) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hooks",
        "https://shop.example:8443/hooks?key=1",
        "https://93.184.216.34/hooks",
        "https://[2606:2800:220:1:248:1893:25c8:1946]/hooks",
        "https://münchen.example/hooks",
        "https://0xabc.example/",
    ],
)
def test_a_public_https_address_is_taken(url: str) -> None:
    assert checked_host(url, private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hooks",
        "ftp://shop.example/hooks",
        "file:///etc/passwd",
        "gopher://shop.example/",
        "//shop.example/hooks",
        "https://",
        "https:///hooks",
        "https://user@shop.example/",
        "https://user:secret@shop.example/",
        "https://:@shop.example/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://\uff4cocalhost/",
        "https://a.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://router.home.arpa/",
        "https://intranet/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop.example\\@127.0.0.1/",
        "https://shop .example/",
        "https://a..b/",
    ],
)
def test_what_is_not_public_is_refused_when_it_is_entered(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        checked_host(url, private=False)
    assert (refusal.value.code, refusal.value.pointer) == ("bad_url", "/url")


def test_in_development_this_machine_may_be_called_but_no_password_is_kept() -> None:
    assert checked_host("http://127.0.0.1:9000/hooks", private=True) == "127.0.0.1"
    with pytest.raises(Refused):
        checked_host("http://user:secret@127.0.0.1/", private=True)
    with pytest.raises(Refused):
        checked_host("ftp://127.0.0.1/", private=True)

"""Devices' rows and the broker's address are parsed once, and faults are named."""

from pathlib import Path
from typing import Any

import pytest

from api.gateway.equipment import Sorter, read_equipment
from api.gateway.gateway import broker_address
from api.gateway.printer import Printer


def row(name: str, device_class: str, address: str | None, **config: object) -> Any:
    return {
        "id": 1,
        "site": "main",
        "area": "sort",
        "class": device_class,
        "name": name,
        "address": address,
        "config": config,
    }


def test_a_sorter_knows_its_scanners_and_its_point_of_decision() -> None:
    found, faults = read_equipment(
        [
            row("SCN-01", "scanner", None, sorter="PLC-1"),
            row("SCN-02", "scanner", None, sorter="PLC-2"),
            row("PLC-1", "sorter", "127.0.0.1:502", decision_mm=62_000, mm_per_count=10),
            row("PRN-01", "printer", "[::1]:9100", place="PACK-01"),
        ]
    )
    sorter, printer = found
    assert isinstance(sorter, Sorter) and isinstance(printer, Printer) and not faults
    assert sorter.decision_counts == 6_200
    assert [scanner.device for scanner in sorter.scanners] == ["SCN-01"]
    assert (printer.host, printer.port) == ("::1", 9100)


@pytest.mark.parametrize("address", [None, "", "printer", "printer:", ":9100", "printer:http"])
def test_a_device_without_an_address_is_named_and_not_served(address: str | None) -> None:
    found, faults = read_equipment([row("PRN-01", "printer", address)])
    assert not found and faults[0].startswith("PRN-01: ")


def test_a_brokers_address_is_read() -> None:
    plain = broker_address("mqtt://127.0.0.1")
    assert (plain.host, plain.port, plain.user, plain.tls) == ("127.0.0.1", 1883, None, False)
    safe = broker_address("mqtts://me:a%40b@broker.example")
    assert (safe.port, safe.user, safe.password, safe.tls) == (8883, "me", "a@b", True)
    with pytest.raises(ValueError, match="no broker"):
        broker_address("http://127.0.0.1")


def test_a_brokers_certificates_go_with_an_address_that_uses_them() -> None:
    ca, cert, key = Path("ca.crt"), Path("own.crt"), Path("own.key")
    safe = broker_address("mqtts://broker.example", ca=ca, cert=cert, key=key)
    assert (safe.ca, safe.cert, safe.key) == ("ca.crt", "own.crt", "own.key")
    with pytest.raises(ValueError, match="in the clear"):
        broker_address("mqtt://broker.example", ca=ca)
    with pytest.raises(ValueError, match="goes with its key"):
        broker_address("mqtts://broker.example", cert=cert)

"""The devices of a site as their rows describe them, parsed once."""

from dataclasses import dataclass, field
from typing import Any

import asyncpg

from api.gateway.printer import Printer, read_printer
from devices.link.topic import DeviceName
from wms.sorting.plan import SorterPlan, read_plan

DECISION_COUNTS = 2_000


@dataclass(frozen=True, slots=True)
class Sorter:
    """A sorter with the scanners that stand over it.

    `decision_counts` is how far after its induction a tote can still be given a lane, in counts
    of the encoder.
    """

    device_id: int
    device: DeviceName
    host: str
    port: int
    decision_counts: int
    scanners: frozenset[DeviceName]
    plan: SorterPlan = field(default_factory=SorterPlan)


def read_equipment(rows: list[asyncpg.Record]) -> tuple[list[Sorter | Printer], list[str]]:
    """Give the devices that the gateway speaks with, and what is wrong with the others' rows."""
    found: list[Sorter | Printer] = []
    faults: list[str] = []
    for row in rows:
        try:
            if row["class"] == "sorter":
                found.append(_sorter(row, rows))
            elif row["class"] == "printer":
                found.append(read_printer(row["id"], _name(row), *_address(row), row["config"]))
        except ValueError as error:
            faults.append(f"{row['name']}: {error}")
    return found, faults


def _sorter(row: asyncpg.Record, rows: list[asyncpg.Record]) -> Sorter:
    config: dict[str, Any] = row["config"]
    counts = DECISION_COUNTS
    if "decision_mm" in config:
        counts = int(config["decision_mm"]) // int(config.get("mm_per_count", 1))
    scanners = frozenset(
        _name(other)
        for other in rows
        if other["class"] == "scanner" and other["config"].get("sorter") == row["name"]
    )
    return Sorter(row["id"], _name(row), *_address(row), counts, scanners, read_plan(config))


def _name(row: asyncpg.Record) -> DeviceName:
    return DeviceName(row["site"], row["area"], row["class"], row["name"])


def _address(row: asyncpg.Record) -> tuple[str, int]:
    host, _, port = (row["address"] or "").rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"{row['address']!r} is no address: host:port")
    return host.strip("[]"), int(port)

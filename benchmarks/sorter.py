"""The sorter over real MQTT and Modbus: decisions, faults, kills, and many devices."""

import argparse
import sys
from typing import Any

from benchmarks import sorter_decision, sorter_fault, sorter_idle, sorter_kill, sorter_return
from benchmarks.machine import machine

PARTS = {
    "decisions": sorter_decision,
    "faults": sorter_fault,
    "kills": sorter_kill,
    "returns": sorter_return,
    "devices": sorter_idle,
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    for part in PARTS.values():
        part.arguments(parser)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measures the parts asked for, one after the other."""
    measured: dict[str, Any] = {}
    for name in options.parts:
        print(f"{name} …", file=sys.stderr)
        measured |= PARTS[name].measure(options)
    plain = {
        name: value if isinstance(value, int | float | list) else str(value)
        for name, value in vars(options).items()
        if name not in ("name", "json")
    }
    return {"machine": machine(), "options": plain} | measured


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures as a table for people."""
    return [row for part in PARTS.values() for row in part.rows(result)]

"""Pick plans: tours, batches and waves beside exact answers, the rules and the best published."""

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks import pick_batch, pick_tour, pick_wave
from benchmarks.machine import machine

PARTS = {"tours": pick_tour, "batches": pick_batch, "waves": pick_wave}
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "picking"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--data", type=Path, default=DATA, help="tours, batches and waves in it")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--cases", type=int, default=2_000, help="tours checked in one block")
    parser.add_argument("--batch-seconds", type=float, default=10.0, help="CPU time of a plan")
    parser.add_argument("--batch-sizes", type=int, nargs="*", default=[1_000, 5_000])
    parser.add_argument("--wave-seconds", type=float, nargs="+", default=[10.0, 60.0])


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measures the parts asked for, one after the other."""
    measured: dict[str, Any] = {}
    for part in options.parts:
        print(f"{part} …", file=sys.stderr)
        measured |= PARTS[part].measure(options)
    plain = {
        name: value if isinstance(value, int | float | list) else str(value)
        for name, value in vars(options).items()
        if name not in ("name", "json")
    }
    return {"machine": machine(), "options": plain} | measured


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures as a table for people."""
    return [row for part in PARTS.values() for row in part.rows(result)]

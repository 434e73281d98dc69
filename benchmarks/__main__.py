"""`./run bench NAME`: one benchmark; without a name, the list."""

import argparse
import json
import sys
from types import ModuleType

from rich.console import Console
from rich.table import Table

from benchmarks import (
    demo,
    digital,
    forecast,
    labels,
    orders,
    pick,
    reserve,
    route,
    size,
    sorter,
    start,
    webhooks,
)

BENCHMARKS: dict[str, ModuleType] = {
    "demo": demo,
    "digital": digital,
    "forecast": forecast,
    "labels": labels,
    "orders": orders,
    "pick": pick,
    "reserve": reserve,
    "route": route,
    "size": size,
    "sorter": sorter,
    "start": start,
    "webhooks": webhooks,
}


def main() -> int:
    """Runs a benchmark and prints its table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    names = parser.add_subparsers(dest="name", metavar="NAME")
    for name, module in BENCHMARKS.items():
        own = names.add_parser(
            name, help=(module.__doc__ or "").strip(), description=module.__doc__
        )
        own.add_argument("--json", action="store_true", help="one JSON object")
        module.arguments(own)
    options = parser.parse_args()
    if options.name is None:
        for name, module in BENCHMARKS.items():
            print(f"{name:10} {(module.__doc__ or '').strip()}")
        return 0
    module = BENCHMARKS[options.name]
    result = module.run(options)
    if options.json:
        print(json.dumps(result))
        return 0
    table = Table(title=options.name, title_justify="left", show_header=False)
    for label, value in module.rows(result):
        table.add_row(label, value)
    Console().print(table)
    print(json.dumps(result["machine"]), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""From a bare checkout to the first order shipped, with nothing installed but Python."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.home import own_home
from benchmarks.machine import machine

ROOT = Path(__file__).resolve().parent.parent


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument(
        "--cold", action="store_true", help="with an empty package cache, as on a new machine"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Clones this checkout's HEAD and runs `./run demo --orders 1` there with an empty HOME."""
    with tempfile.TemporaryDirectory(prefix="stowline-start-") as name, own_home() as data:
        folder = Path(name)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        home = folder / "home"
        home.mkdir()
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("STOWLINE_")
        }
        environment |= {"HOME": str(home), "STOWLINE_HOME": str(data)}
        if not options.cold:
            environment.setdefault("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv"))
        began_s = time.monotonic()
        done = subprocess.run(
            ["./run", "demo", "--orders", "1", "--json"],
            cwd=folder / "clone",
            env=environment,
            stdout=subprocess.PIPE,
            check=False,
        )
        took_s = time.monotonic() - began_s
        if done.returncode:
            print(f"the demo ended with exit code {done.returncode}", file=sys.stderr)
        shipped = json.loads(done.stdout)["orders_shipped"] if done.stdout else 0
    return {
        "machine": machine(),
        "cache": "cold" if options.cold else "warm",
        "seconds_to_first_shipped_order": round(took_s, 1),
        "orders_shipped": shipped,
    }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The result for people."""
    return [(name, str(value)) for name, value in result.items() if name != "machine"]

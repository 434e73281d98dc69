"""The demo as a user starts it, in a home of its own."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.settings import Settings, child_environment
from tests.patience import PATIENCE_S

Done = subprocess.CompletedProcess[str]
NOTHING = (
    "ledger_imbalance",
    "truth_differences",
    "oversold_units",
    "labels_lost",
    "labels_doubled",
    "missorts",
    "human_touches",
)
# A demo that takes longer hangs.
ENDS_S = 20 * PATIENCE_S


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that `stowline` keeps its database in."""

    folder: Path

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begins `stowline …`."""
        return subprocess.Popen(
            [sys.executable, "-m", "api.cli", *arguments],
            env=child_environment(Settings(home=self.folder)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Done:
        """Runs `stowline …` to its end."""
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=ENDS_S)
        finally:
            process.terminate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@contextmanager
def new_home() -> Iterator[Home]:
    """An empty home; root's database server, which has an account of its own, can enter it."""
    folder = Path(tempfile.mkdtemp(prefix="stowline-home-"))
    folder.chmod(0o711)
    home = Home(folder)
    try:
        yield home
    finally:
        home.run("database", "stop")
        shutil.rmtree(folder)


def outcome(done: Done) -> dict[str, Any]:
    """The one JSON object of a demo that went right in everything that was promised."""
    assert done.returncode == 0, done.stderr[-3_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["orders_shipped"] == found["orders_accepted"] > 0
    assert {name: found[name] for name in NOTHING} == dict.fromkeys(NOTHING, 0)
    assert found["orders_held"] == found["faults"] == []
    assert found["labels_printed"] >= found["parcels"] >= found["orders_shipped"]
    assert found["paid_to_waybill_ms"]["max"] > 0
    return found

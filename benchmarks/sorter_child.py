"""Processes of a benchmark that take a JSON object and may give one back."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Child:
    """A running process of ours."""

    process: "subprocess.Popen[str]"

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def result(self, patience_s: float = 600.0) -> dict[str, Any]:
        """What it says at its end.

        Raises: RuntimeError where it ends badly; subprocess.TimeoutExpired.
        """
        said, _ = self.process.communicate(timeout=patience_s)
        if self.process.returncode:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.returncode}")
        answer: dict[str, Any] = json.loads(said)
        return answer

    def ask_to_end(self) -> None:
        """SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> float:
        """SIGKILL; answers when, on the monotonic clock."""
        at_s = time.monotonic()
        self.process.kill()
        self.process.wait()
        return at_s


@contextmanager
def started(module: str, given: Any) -> Iterator[Child]:
    """Runs `python -m benchmarks.<module>` with a dataclass as input, for as long as a block."""
    child = start(module, given)
    try:
        yield child
    finally:
        end(child)


def start(module: str, given: Any) -> Child:
    """The same for a process that the caller ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{module}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(given)))
    process.stdin.close()
    # `communicate` would write to it once more.
    process.stdin = None
    return Child(process)


def end(child: Child) -> None:
    """Ends a process that still runs."""
    if child.process.poll() is None:
        child.ask_to_end()
        try:
            child.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
    if child.process.stdout is not None:
        child.process.stdout.close()

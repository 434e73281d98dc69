"""Children that end by themselves are started again, soon where they ran well before."""

import os
import signal
import sys
import time
from collections.abc import Callable

from api.child import ChildKeeper, Program
from tests.patience import PATIENCE_S

SLEEPER = Program("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), {})


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _kill(keeper: ChildKeeper) -> None:
    before = keeper.pid("sleeper")
    os.kill(before, signal.SIGKILL)
    _wait(lambda: keeper.pid("sleeper") != before and keeper.all_running())


def test_a_child_that_runs_long_enough_has_its_failures_forgotten() -> None:
    keeper = ChildKeeper(steady_s=0.2)
    try:
        keeper.start(SLEEPER)
        for _ in range(3):
            _kill(keeper)
            _wait(lambda: keeper.failures("sleeper") == 0)
    finally:
        keeper.stop()


def test_failures_in_a_row_are_counted() -> None:
    keeper = ChildKeeper(steady_s=10 * PATIENCE_S)
    try:
        keeper.start(SLEEPER)
        for failures in (1, 2):
            _kill(keeper)
            assert keeper.failures("sleeper") == failures
    finally:
        keeper.stop()

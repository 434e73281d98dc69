"""How many series a core forecasts in a second, what a million take, what the import costs."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

import psutil

from benchmarks.forecast_made import make_history
from forecasting.demand_class import DemandClass
from forecasting.executor import Processes
from forecasting.forecast import Forecast, forecast
from forecasting.request import Request

ROOT = Path(__file__).resolve().parent.parent
MIB = 2**20
#: a forecast as replenishment asks for it: the protection interval, and a month for the eye
REQUEST = Request(horizon=4, protection=3)
WARM_UP = 256
WATCH_S = 0.25
SLOW = ("pandas", "pyarrow", "scipy", "matplotlib", "lightgbm", "distributed", "holidays")


def measure_speed(
    series: int, periods: int, seed: int, repeats: int, promoted: float = 0.0
) -> dict[str, Any]:
    """Series a processor second, the median of several runs of the whole pipeline in one process.

    With a share of promoted series the global model's process counts too.
    """
    forecast(make_history(WARM_UP, periods, seed), REQUEST)
    history = make_history(series, periods, seed, promoted)
    spent = []
    for _ in range(repeats):
        began_s = _processor_s()
        found = forecast(history, REQUEST)
        spent.append(_processor_s() - began_s)
    return {
        "series": series,
        "periods": periods,
        "promoted": promoted,
        "seed": seed,
        "cpu_s": [round(one, 3) for one in spent],
        "series_per_s_core": round(series / median(spent)),
        "classes": _classes(found),
        "models": dict(Counter(found.model).most_common()),
    }


def measure_many(series: int, periods: int, seed: int, workers: int) -> dict[str, Any]:
    """Wall seconds and peak memory of one forecast of many series by several processes.

    The history is in memory before the clock starts, and counts in the memory.
    """
    print(f"making {series:,} series …", file=sys.stderr)
    history = make_history(series, periods, seed)
    with _Watch() as watch, Processes(workers) as processes:
        began_s, began_cpu_s = time.monotonic(), _processor_s()
        found = forecast(history, REQUEST, processes, _note)
        took_s = time.monotonic() - began_s
    cpu_s = _processor_s() - began_cpu_s
    assert len(found.series) == series
    return {
        "series": series,
        "periods": periods,
        "workers": workers,
        "wall_s": round(took_s, 1),
        "cpu_s": round(cpu_s, 1),
        "history_mib": round(history.demand.nbytes / MIB),
        "peak_mib": round(watch.peak / MIB),
    }


def measure_import() -> dict[str, Any]:
    """Processor seconds and memory of a process that does nothing but import forecasts."""
    # What getrusage calls the most memory would be the parent's, where that was larger.
    code = (
        "import json, pathlib, sys, time\n"
        "import forecasting.forecast, forecasting.simulation\n"
        "cpu_s = time.process_time()\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "peak = int(status.partition('VmHWM:')[2].split()[0]) / 1024\n"
        "names = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "print(json.dumps([cpu_s, peak, names]))"
    )
    told = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        told.append(json.loads(done.stdout))
    cpu_s, memory_mib, names = min(told)
    return {
        "cpu_s": round(cpu_s, 3),
        "memory_mib": round(memory_mib),
        "loaded": [name for name in SLOW if name in names],
    }


class _Watch:
    """The most memory that this process and its children have had at once, while it is open.

    A page that several share counts once.
    """

    def __enter__(self) -> Self:
        self.peak, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        own = psutil.Process()
        while not self._done.wait(WATCH_S):
            total = 0
            for process in (own, *own.children(recursive=True)):
                try:
                    total += process.memory_full_info().pss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, total)


def _classes(found: Forecast) -> dict[str, int]:
    counted = Counter(found.demand_class.tolist())
    return {DemandClass(code).name.lower(): count for code, count in sorted(counted.items())}


def _processor_s() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _note(done: int, total: int) -> None:
    if done % 100 == 0 or done == total:
        print(f"chunk {done} of {total}", file=sys.stderr)

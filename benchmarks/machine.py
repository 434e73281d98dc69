"""What a figure was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "ortools",
    "pyvrp",
    "numba",
    "numpy",
    "fastapi",
    "granian",
    "asyncpg",
    "pymodbus",
    "paho-mqtt",
)


def machine() -> dict[str, object]:
    """Processor, cores and memory, and the versions that matter."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()

"""Programs and libraries of others; without one a test is skipped, which CI takes for a failure."""

import asyncio
import re
import shutil
from dataclasses import dataclass

import pytest

from tests.interop import libmodbus

_PLACES = "/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"
_VALUE = re.compile(r"^\[(\d+)\]:\s+(\d+)", re.MULTILINE)


def require_program(name: str, package: str) -> str:
    """Give a program's path."""
    found = shutil.which(name) or shutil.which(name, path=_PLACES)
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install {package}")
    return found


def require_libmodbus() -> None:
    """Skip where libmodbus is not installed."""
    try:
        libmodbus.load()
    except OSError:
        pytest.skip(f"{libmodbus.LIBRARY} is not installed: apt-get install libmodbus5")


@dataclass(frozen=True, slots=True)
class Polled:
    """What mbpoll printed."""

    code: int
    text: str

    @property
    def registers(self) -> dict[int, int]:
        return {int(address): int(value) for address, value in _VALUE.findall(self.text)}


async def mbpoll(port: int, start: int, *values: int, count: int = 1) -> Polled:
    """Read `count` holding registers from `start` on once, or write values there."""
    program = require_program("mbpoll", "mbpoll")
    what = ["--", *map(str, values)] if values else []
    many = [] if values else ["-c", str(count), "-1"]
    process = await asyncio.create_subprocess_exec(
        *(program, "-m", "tcp", "-a", "1", "-0", "-t", "4", "-q", "-o", "10"),
        *("-r", str(start), *many, "-p", str(port), "127.0.0.1", *what),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return Polled(process.returncode, said.decode())

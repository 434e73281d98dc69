"""A device's work begun again where something unexpected ended it: it takes nobody else along."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

_log = structlog.get_logger(__name__)
_FIRST_S = 1.0
_LONGEST_S = 60.0


async def revive(
    name: str,
    work: Callable[[], Coroutine[Any, Any, None]],
    *,
    first_s: float = _FIRST_S,
    longest_s: float = _LONGEST_S,
) -> None:
    """Works until cancelled.

    What ends by an error is logged whole and begun again, after pauses that double from `first_s`
    to `longest_s`, and are short again for what went well for so long.
    """
    pause_s = first_s
    while True:
        began_s = time.monotonic()
        error = await _end_of(work, name)
        if time.monotonic() - began_s >= longest_s:
            pause_s = first_s
        _log.critical(
            "device's work ended unexpectedly", device=name, again_in_s=pause_s, exc_info=error
        )
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, longest_s)


async def _end_of(work: Callable[[], Coroutine[Any, Any, None]], name: str) -> BaseException | None:
    # What went wrong is nobody's to name: a task keeps any error apart and readable.
    task = asyncio.create_task(work(), name=f"work {name}")
    try:
        await asyncio.wait({task})
    finally:
        task.cancel()
        await asyncio.wait({task})
        error = None if task.cancelled() else task.exception()
    return error

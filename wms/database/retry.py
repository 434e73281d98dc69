"""Work that two transactions may want crosswise: the one that the database sends back comes again.

Locks are taken in one order wherever there is one. Where an order's goods decide what is locked
next, two may still meet; PostgreSQL ends one of them whole, and nothing of it is left.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import asyncpg

TRIES = 10

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def again_on_deadlock(
    work: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """The same work, begun anew where it was sent back for a deadlock, ten times in all.

    `work` opens its own transaction, has no effect outside it, and can be given its arguments
    again.

    Raises:
        asyncpg.DeadlockDetectedError: it was sent back every time.
    """

    @wraps(work)
    async def tried(*given: Parameters.args, **named: Parameters.kwargs) -> Result:
        for _ in range(TRIES - 1):
            try:
                return await work(*given, **named)
            except asyncpg.DeadlockDetectedError:
                # The other one goes on at once, so nothing is gained by waiting.
                continue
        return await work(*given, **named)

    return tried

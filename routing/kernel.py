"""How kernels are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def kernel(function: Kernel) -> Kernel:
    """The function compiled at its first call, and kept from one process to the next.

    The entrance for callbacks from C, which nobody uses, is left out: it takes a fifth of the time
    that a first start spends on compiling. An argument written as a literal has a kernel compiled
    once more for it; int(np.int64(0)) has not.
    """
    options: dict[str, Any] = {"cache": True, "no_cfunc_wrapper": True}
    return cast(Kernel, njit(**options)(function))

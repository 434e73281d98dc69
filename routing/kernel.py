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


def lean_kernel(function: Kernel) -> Kernel:
    """A kernel that counts no references to its arrays, and so must not make any.

    Counting them takes half of the time of a search whose kernels are short and hand on dozens of
    arrays. The caller holds the arrays for as long as a call lasts.
    """
    options: dict[str, Any] = {"cache": True, "no_cfunc_wrapper": True, "_nrt": False}
    return cast(Kernel, njit(**options)(function))

"""Where the parts of a forecast are worked out: here, in processes, or on a Dask cluster.

Every executor hands the same parts to the same functions and answers in the parts' order, so the
result does not depend on which one it was.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from importlib import import_module
from itertools import islice
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

P = TypeVar("P")
R = TypeVar("R")


class Executor(Protocol):
    """Maps a function of a module over parts, and answers in their order."""

    def map(self, function: Callable[[P], R], parts: Iterable[P]) -> Iterator[R]: ...


class Serial:
    """Works part after part in this process."""

    def map(self, function: Callable[[P], R], parts: Iterable[P]) -> Iterator[R]:
        """Answer the function of every part, in order."""
        return map(function, parts)


class Processes:
    """Works in freshly started processes; a context manager that ends them."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ValueError(f"workers are {workers}, expected 1 or more")
        # Imported late: a forecast in one process needs none of it.
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        self._window = 2 * workers
        self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; parts not begun are given up."""
        self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[P], R], parts: Iterable[P]) -> Iterator[R]:
        """Answer the function of every part, in order; few parts are on their way at once."""
        rest = iter(parts)
        waiting: deque[Future[R]] = deque(
            self._pool.submit(function, part) for part in islice(rest, self._window)
        )
        while waiting:
            answer = waiting.popleft().result()
            for part in islice(rest, 1):
                waiting.append(self._pool.submit(function, part))
            yield answer


class Dask:
    """Works on a Dask cluster: the one at an address, or a small one on this machine.

    Raises: ModuleNotFoundError without the extra `dask`; OSError when nobody answers there.
    """

    def __init__(self, address: str | None = None, workers: int = 2) -> None:
        # Imported late: the package is an extra and takes a second to load.
        distributed: Any = import_module("distributed")

        self._cluster: Any = None
        if address is None:
            self._cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                silence_logs="ERROR",
            )
        self._client: Any = distributed.Client(self._cluster if address is None else address)
        self._window = 2 * max(workers, len(self._client.scheduler_info()["workers"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster, and end it when it was ours."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def map(self, function: Callable[[P], R], parts: Iterable[P]) -> Iterator[R]:
        """Answer the function of every part, in order; few parts are on their way at once."""
        rest = iter(parts)
        waiting: deque[Any] = deque(self._submit(function, p) for p in islice(rest, self._window))
        while waiting:
            answer: R = waiting.popleft().result()
            for part in islice(rest, 1):
                waiting.append(self._submit(function, part))
            yield answer

    def _submit(self, function: Callable[[P], R], part: P) -> Any:
        # The function may be a partial that carries arrays: it is worth no hash of its own.
        return self._client.submit(function, part, pure=False)

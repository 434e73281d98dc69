"""Where the parts of a forecast are worked out: here, in processes, or on a Dask cluster.

Every executor hands the same parts to the same functions and answers in the parts' order, so the
result does not depend on which one it was.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from importlib import import_module
from itertools import islice
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

P = TypeVar("P")
R = TypeVar("R")


#: for so long a scheduler may not answer, or have no worker
PATIENCE_S = 30.0


class ClusterGone(ConnectionError):
    """A Dask cluster cannot finish what it was given."""


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

    patience_s: for so long a scheduler may not answer, or have no worker; None: PATIENCE_S.
    Raises: ModuleNotFoundError without the extra `dask`; ValueError for no address; OSError when
    nobody answers there, or no worker comes.
    """

    def __init__(
        self, address: str | None = None, workers: int = 2, patience_s: float | None = None
    ) -> None:
        # Imported late: the package is an extra and takes a second to load.
        distributed: Any = import_module("distributed")
        patience_s = PATIENCE_S if patience_s is None else patience_s

        self._cluster: Any = None
        if address is None:
            self._cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                silence_logs="ERROR",
            )
        self._patience_s = patience_s
        self._killed: type[Exception] = distributed.scheduler.KilledWorker
        if address is not None:
            # A client alone waits for ever where somebody listens and says nothing.
            _reach(distributed, address, patience_s)
        self._client: Any = distributed.Client(
            self._cluster if address is None else address, timeout=patience_s
        )
        try:
            # Without one, parts would wait for ever, and nobody would be told.
            self._client.wait_for_workers(1, timeout=patience_s)
        except TimeoutError as error:
            self.close()
            raise ClusterGone(f"the Dask scheduler at {address} has no worker") from error
        self._window = 2 * max(workers, self._count())

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
        """Answer the function of every part, in order; few parts are on their way at once.

        Raises: ClusterGone
        """
        rest = iter(parts)
        waiting: deque[Any] = deque(self._submit(function, p) for p in islice(rest, self._window))
        while waiting:
            answer: R = self._result(waiting.popleft())
            for part in islice(rest, 1):
                waiting.append(self._submit(function, part))
            yield answer

    def _submit(self, function: Callable[[P], R], part: P) -> Any:
        # The function may be a partial that carries arrays: it is worth no hash of its own.
        return self._client.submit(function, part, pure=False)

    def _result(self, future: Any) -> Any:
        """Wait as long as somebody is there to work on it."""
        while True:
            try:
                return future.result(timeout=self._patience_s)
            except TimeoutError as error:
                if future.done():
                    raise
                if not self._count():
                    raise ClusterGone("no worker of the Dask cluster is left") from error
            except CancelledError as error:
                raise ClusterGone("the Dask scheduler is gone") from error
            except self._killed as error:
                raise ClusterGone(
                    "a Dask worker died again and again: too little memory?"
                ) from error

    def _count(self) -> int:
        """Answer how many workers there are."""
        identity = self._client.scheduler.identity
        try:
            found = self._client.sync(identity, n_workers=-1, callback_timeout=self._patience_s)
        except OSError as error:
            raise ClusterGone("the Dask scheduler does not answer any more") from error
        return len(found["workers"])


def _reach(distributed: Any, address: str, patience_s: float) -> None:
    """Raises: OSError when nobody who speaks Dask answers at the address in time."""
    # Imported late: a forecast in one process needs none of it.
    import asyncio

    keys = distributed.Security().get_connection_args("client")

    async def knock() -> None:
        async with asyncio.timeout(patience_s):
            line = await distributed.comm.connect(address, timeout=patience_s, **keys)
        line.abort()

    try:
        asyncio.run(knock())
    except TimeoutError as error:
        raise OSError(f"nobody who speaks Dask answers within {patience_s:g} s") from error

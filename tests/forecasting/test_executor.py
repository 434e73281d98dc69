import socket
from collections.abc import Iterator
from time import sleep

import numpy as np
import pytest

from forecasting.executor import ClusterGone, Dask, Executor, Processes, Serial
from forecasting.forecast import Forecast, forecast
from forecasting.history import Frequency
from forecasting.request import Request
from tests.forecasting.builders import history, sales

REQUEST = Request(horizon=5, protection=3)
# For so long a scheduler that is there may not answer, though its machine stood still.
ANSWERS_S = 6.0


def square(part: int) -> int:
    return part * part


def same(one: Forecast, other: Forecast) -> bool:
    return (
        np.array_equal(one.mean, other.mean)
        and np.array_equal(one.quantiles.values, other.quantiles.values)
        and np.array_equal(one.protection.values, other.protection.values)
        and np.array_equal(one.state.memory, other.state.memory)
        and (one.model, one.reason, one.flags) == (other.model, other.reason, other.flags)
    )


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with Processes(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def dask() -> Iterator[Dask]:
    pytest.importorskip("distributed")
    with Dask(workers=2) as executor:
        yield executor


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_every_executor_answers_in_order(name: str, request: pytest.FixtureRequest) -> None:
    executor: Executor = request.getfixturevalue(name)
    assert list(executor.map(square, range(20))) == list(Serial().map(square, range(20)))


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_distributed_and_serial_are_equal_to_the_last_bit(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forecasting.forecast.CHUNK", 16)
    demand = sales(70, 60)
    demand[3, 5:9] = np.nan
    past = history(np.asfortranarray(demand), Frequency.DAY)
    executor: Executor = request.getfixturevalue(name)
    assert same(forecast(past, REQUEST), forecast(past, REQUEST, executor))


def test_a_cluster_without_a_worker_is_told_and_not_waited_for() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", silence_logs="ERROR"
        ) as empty,
        pytest.raises(ClusterGone, match="has no worker"),
    ):
        Dask(empty.scheduler_address, patience_s=ANSWERS_S)


def test_a_cluster_whose_last_worker_leaves_is_told_and_not_waited_for() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, processes=False, dashboard_address="127.0.0.1:0", silence_logs="ERROR"
        ) as cluster,
        Dask(cluster.scheduler_address, patience_s=ANSWERS_S) as executor,
    ):
        assert next(executor.map(square, [3])) == 9
        cluster.scale(0)
        while cluster.scheduler.workers:
            sleep(0.05)
        with pytest.raises(ClusterGone, match="no worker of the Dask cluster is left"):
            next(executor.map(square, [4]))


def test_an_address_where_nobody_speaks_dask_is_refused_in_time() -> None:
    pytest.importorskip("distributed")
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(OSError, match="nobody who speaks Dask"),
    ):
        Dask(f"127.0.0.1:{silent.getsockname()[1]}", patience_s=0.5)


def test_workers_must_be_some() -> None:
    with pytest.raises(ValueError, match="workers are 0"):
        Processes(0)

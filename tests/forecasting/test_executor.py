from collections.abc import Iterator

import numpy as np
import pytest

from forecasting.executor import Dask, Executor, Processes, Serial
from forecasting.forecast import Forecast, forecast
from forecasting.history import Frequency
from forecasting.request import Request
from tests.forecasting.builders import history, sales

REQUEST = Request(horizon=5, protection=3)


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


def test_workers_must_be_some() -> None:
    with pytest.raises(ValueError, match="workers are 0"):
        Processes(0)

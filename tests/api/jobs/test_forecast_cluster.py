"""Forecasts of the jobs role on the Dask cluster that STOWLINE_FORECAST_CLUSTER names."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.jobs import solve
from api.jobs.solver import Solver
from api.settings import Settings
from routing.error import NoPlan
from tests.forecasting.builders import history, sales
from wms.replenishment.forecasted import Forecasted, Question

# More than one chunk, of which one is short.
SERIES = 2_100


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs="ERROR"
    ) as cluster:
        yield cluster


def question() -> Question:
    demand = sales(SERIES, 40)
    demand[5, 3:9] = np.nan
    return Question(history(demand), ahead=4, protection=3, target=0.97)


async def answer(home: Path, address: str | None) -> Forecasted:
    solver = Solver(Settings(home=home, forecast_cluster=address))
    try:
        return await solver.forecast(question())
    finally:
        solver.close()


async def test_the_cluster_that_is_set_answers_what_one_process_does_to_the_last_bit(
    cluster: Any, tmp_path: Path
) -> None:
    here = await answer(tmp_path, None)
    assert not {"survey", "fit_part"} & set(cluster.scheduler.task_prefixes)
    there = await answer(tmp_path, cluster.scheduler_address)
    assert {"survey", "fit_part", "finish"} <= set(cluster.scheduler.task_prefixes)
    assert np.array_equal(here.mean, there.mean)
    assert np.array_equal(here.high, there.high)
    assert np.array_equal(here.protection.values, there.protection.values)
    assert (here.model, here.reason, here.flags) == (there.model, there.reason, there.flags)


async def test_a_cluster_that_is_not_there_is_a_reason_and_no_wait_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    # Nobody answers at either: one is no address, at the other somebody listens and says nothing.
    monkeypatch.setattr("forecasting.executor.PATIENCE_S", 1.0)
    with pytest.raises(NoPlan, match="works at STOWLINE_FORECAST_CLUSTER, nowhere: missing port"):
        await answer(tmp_path, "nowhere")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NoPlan, match="nobody who speaks Dask answers within 1 s"):
            await asyncio.to_thread(solve.demand, question(), address)

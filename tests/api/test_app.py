"""What machines ask the application: is it alive, is it ready, how is it doing."""

import subprocess
import sys

from tests.api.service import Service, is_problem
from tests.patience import PATIENCE_S


async def test_it_is_alive_and_ready(service: Service) -> None:
    health = await service.client.get("/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    ready = await service.client.get("/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_without_its_database_it_is_alive_and_not_ready(service: Service) -> None:
    await service.app.state.house.pool.close()
    is_problem(await service.client.get("/ready"), 503, "database_away")
    assert (await service.client.get("/health")).status_code == 200


async def test_it_tells_how_long_its_queues_are(service: Service) -> None:
    seller = await service.seller(CUP=3)
    await seller.pay(await seller.order(("CUP", 1)))
    metrics = await service.client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "stowline_queue_waiting" in metrics.text
    assert "stowline_orders" in metrics.text


def test_an_api_worker_never_loads_a_solver() -> None:
    code = (
        "import sys, api.app; "
        "slow = {'ortools', 'numba', 'pandas', 'pyarrow', 'matplotlib', 'holidays', 'lightgbm'}; "
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE_S,
        check=True,
    )
    assert done.stdout.strip() == "[]"

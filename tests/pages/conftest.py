"""A whole house that runs for the pages: real roles on a real database, with one wave released."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.demo.stage import Keys, enter_scenario
from api.serve import Supervisor
from api.settings import Settings
from api.wiring import open_house
from sim.scenario.file import make_scenario, write_scenario
from tests.key import DATA_KEYS
from tests.patience import PATIENCE_S
from tests.port import own_port

ORDERS = 40
SEED = 3
# However slowly the orders come in, the wave goes when the last has.
WAVE_WAITS_S = 3_600.0


@dataclass(frozen=True, slots=True)
class House:
    """Where the house is, and who may sign in."""

    api_url: str
    console_url: str
    badge: str
    pin: str
    planner_badge: str
    planner_pin: str
    shop_key: str


@pytest.fixture(scope="module")
def running_house(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """API, console and jobs over a scenario of real orders, all paid, in one released wave."""
    folder = tmp_path_factory.mktemp("scenario")
    write_scenario(make_scenario(ORDERS, SEED), folder)
    settings = Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=tmp_path_factory.mktemp("home"),
        port=own_port(),
        console_port=own_port(),
        wave_min_orders=ORDERS,
        wave_max_wait_s=WAVE_WAITS_S,
        log_level="error",
        seed=SEED,
    )
    staff = json.loads((folder / "staff.json").read_text(encoding="utf-8"))
    picker = next(one for one in staff if one["role"] == "operator")
    planner = next(one for one in staff if one["role"] == "planner")
    supervisor = Supervisor(settings, ("api", "console", "jobs"))
    # The browser's own loop runs in this thread; ours needs another.
    with ThreadPoolExecutor(1) as thread:
        keys = thread.submit(asyncio.run, _enter(settings, folder)).result()
        addresses = thread.submit(supervisor.start).result()
    try:
        supervisor.wait_ready(5 * PATIENCE_S)
        _order(addresses.api_url, keys.shop, folder)
        _wait_for_wave(addresses.api_url, planner)
        yield House(
            addresses.api_url,
            addresses.console_url,
            picker["badge"],
            picker["pin"],
            planner["badge"],
            planner["pin"],
            keys.shop,
        )
    finally:
        supervisor.stop()


async def _enter(settings: Settings, folder: Path) -> Keys:
    async with open_house(settings, "test", 2) as house:
        return await enter_scenario(house, folder)


def _order(api_url: str, key: str, folder: Path) -> None:
    with httpx.Client(
        base_url=api_url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S
    ) as client:
        for line in (folder / "orders.jsonl").read_text(encoding="utf-8").splitlines():
            posting = json.loads(line)
            if posting["kind"] != "clean":
                continue
            body = posting["body"]
            number = body["external_order_id"]
            answer = client.post("/v1/orders", json=body, headers={"Idempotency-Key": number})
            assert answer.status_code == 201, answer.text
            order: dict[str, Any] = answer.json()
            payment = {"state": "paid", "amount": order["total"], "at": body["placed_at"]}
            path = f"/v1/orders/{order['id']}/payments"
            paid = client.post(path, json=payment, headers={"Idempotency-Key": f"pay {number}"})
            assert paid.status_code == 200, paid.text


def _wait_for_wave(api_url: str, planner: dict[str, str]) -> None:
    with httpx.Client(base_url=api_url, timeout=PATIENCE_S) as client:
        sign_in = {"badge": planner["badge"], "pin": planner["pin"], "device": "test"}
        token = client.post("/handheld/sessions", json=sign_in).json()["token"]
        deadline_s = time.monotonic() + 5 * PATIENCE_S
        while time.monotonic() < deadline_s:
            wave = client.get("/v1/waves/1", headers={"Authorization": f"Bearer {token}"})
            if wave.status_code == 200 and wave.json()["state"] == "released":
                return
            time.sleep(0.2)
    raise AssertionError("no wave was released in time")

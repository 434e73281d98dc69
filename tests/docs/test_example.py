"""The examples work as they stand."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from aiohttp.test_utils import TestClient, TestServer
from standardwebhooks import Webhook

from api.entering import import_items, import_places, import_stock, make_key
from api.serve import Supervisor
from api.settings import Settings, child_environment
from api.table import TableError
from tests.docs.text import ROOT
from wms.database.port import free_port
from wms.error import Conflict

EXAMPLES = ROOT / "examples"
SHOP = "Tea House"
SECRET = "whsec_c3Rvd2xpbmUtZXhhbXBsZS1zZWNyZXQ="


@pytest.fixture(scope="module")
def settings(database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a service that has the file's database."""
    home = tmp_path_factory.mktemp("home")
    return Settings(database_url=database, home=home, port=free_port(), log_level="error")


@pytest.fixture
async def key(settings: Settings) -> str:
    """A key of the shop whose goods the examples are; they are entered where they are not yet."""
    key = await make_key(settings, SHOP, [], sandbox=False)
    await import_places(settings, None, EXAMPLES / "places.csv")
    await import_items(settings, SHOP, EXAMPLES / "items.csv")
    try:
        await import_stock(settings, SHOP, EXAMPLES / "stock.csv")
    except Conflict as error:
        assert error.code == "booked_before"
    return key


@pytest.fixture(scope="module")
def api_url(settings: Settings) -> Iterator[str]:
    """The address of a running API."""
    with Supervisor(settings, ["api"]) as supervisor:
        supervisor.wait_ready()
        yield supervisor.addresses.api_url


def module(name: str) -> ModuleType:
    """An example as a module."""
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


async def test_a_stock_file_is_booked_once(settings: Settings, key: str) -> None:
    with pytest.raises(Conflict, match="booked before"):
        await import_stock(settings, SHOP, EXAMPLES / "stock.csv")


async def test_a_file_with_an_error_is_taken_not_at_all(
    settings: Settings, key: str, tmp_path: Path
) -> None:
    text = (EXAMPLES / "items.csv").read_text("utf-8")
    wrong = tmp_path / "items.csv"
    wrong.write_text(text.replace(",380,", ",heavy,", 1), "utf-8")
    with pytest.raises(TableError, match="line 2"):
        await import_items(settings, SHOP, wrong)


async def test_the_first_order_is_accepted_and_paid_once_however_often_it_is_sent(
    key: str, api_url: str
) -> None:
    first = send_first_order(api_url, key)
    assert first["external_order_id"] == "FIRST-1"
    assert (first["state"], first["payment_state"]) == ("accepted", "paid")
    assert {line["promise"] for line in first["lines"]} == {"firm"}
    again = send_first_order(api_url, key)
    assert (again["id"], again["timeline"]) == (first["id"], first["timeline"])


def send_first_order(api_url: str, key: str) -> dict[str, Any]:
    """What the script prints; where there is no curl, its requests are sent without it."""
    if shutil.which("curl"):
        script = subprocess.run(
            [EXAMPLES / "first_order.sh", api_url],
            env={"KEY": key, "PATH": "/usr/bin:/bin:/usr/local/bin"},
            capture_output=True,
            text=True,
        )
        assert script.returncode == 0, script.stderr + script.stdout
        return dict(json.loads(script.stdout))
    with httpx.Client(base_url=f"{api_url}/v1/orders", trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {key}"

        def post(path: str, command: str, file: str) -> httpx.Response:
            body = json.loads((EXAMPLES / file).read_text("utf-8"))
            return client.post(path, json=body, headers={"Idempotency-Key": command})

        accepted = post("", "first-order", "order.json").raise_for_status().json()
        post(f"/{accepted['id']}/payments", "first-payment", "payment.json").raise_for_status()
        order: dict[str, Any] = client.get(f"/{accepted['id']}").raise_for_status().json()
    return order


def test_the_rest_of_a_house_is_entered_and_may_be_entered_again(
    settings: Settings, key: str
) -> None:
    commands = (
        ("import", "cartons", "examples/cartons.csv"),
        ("carrier", "add", "--code", "PARCELS", "--name", "Parcels", "--url", "http://127.0.0.1:9"),
        ("staff", "add", "--name", "Pia Picker", "--badge", "B-01"),
        ("device", "add", "--class", "printer", "--name", "PRN-01", "--config", "place=PACK-01"),
    )
    for command in (*commands, *commands):
        said = subprocess.run(
            [sys.executable, "-m", "api.cli", *command],
            cwd=ROOT,
            env=child_environment(settings),
            capture_output=True,
            text=True,
        )
        assert said.returncode == 0, said.stderr


def test_a_device_of_no_class_is_refused(settings: Settings) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "api.cli", "device", "add", "--class", "kettle", "--name", "K-1"],
        cwd=ROOT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert said.stderr.startswith("'kettle' is none of scanner, sorter, printer.")


def test_the_receiver_asks_for_its_secret(api_url: str, key: str) -> None:
    secret = module("receive_webhook").subscribe(api_url, key, "http://127.0.0.1:9/hooks")
    assert secret.startswith("whsec_")


async def test_the_receiver_takes_an_event_once(capsys: pytest.CaptureFixture[str]) -> None:
    async with TestClient(TestServer(module("receive_webhook").receiver(SECRET))) as client:
        for _ in range(2):
            answer = await client.post("/hooks", **delivery("msg_1", datetime.now(UTC)))
            assert answer.status == 204
    assert capsys.readouterr().out.count("order.packed") == 1


async def test_the_receiver_refuses_what_is_changed_or_old() -> None:
    now = datetime.now(UTC)
    async with TestClient(TestServer(module("receive_webhook").receiver(SECRET))) as client:
        changed = delivery("msg_1", now)
        changed["data"] += " "
        assert (await client.post("/hooks", **changed)).status == 401
        old = delivery("msg_1", now - timedelta(hours=1))
        assert (await client.post("/hooks", **old)).status == 401
        assert (await client.post("/hooks", data="{}")).status == 401


def delivery(message_id: str, at: datetime) -> dict[str, Any]:
    """A signed event, as the service sends it."""
    event = {"type": "order.packed", "timestamp": at.isoformat(), "data": {"order_id": 1}}
    body = json.dumps(event)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(message_id, at, body),
    }
    return {"data": body, "headers": headers}

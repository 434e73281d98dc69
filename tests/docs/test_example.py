"""The examples work as they stand."""

import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from aiohttp.test_utils import TestClient, TestServer
from standardwebhooks import Webhook

from api.entering import (
    add_staff,
    import_items,
    import_places,
    import_stock,
    make_key,
    revoke_key,
)
from api.serve import Supervisor
from api.settings import Settings, child_environment
from api.table import TableError
from tests.docs.text import ROOT
from tests.key import DATA_KEYS
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.error import Conflict
from wms.tenants.staff import Role

EXAMPLES = ROOT / "examples"
SHOP = "Tea House"
SECRET = "whsec_c3Rvd2xpbmUtZXhhbXBsZS1zZWNyZXQ="


@pytest.fixture(scope="module")
def settings(database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a service that has the file's database."""
    home = tmp_path_factory.mktemp("home")
    return Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=home,
        port=own_port(),
        webhook_private="yes",
        log_level="error",
    )


@pytest.fixture
async def key(settings: Settings) -> AsyncIterator[str]:
    """A key of the shop whose goods the examples are; they are entered where they are not yet."""
    key = await make_key(settings, SHOP, [], sandbox=False)
    await import_places(settings, None, EXAMPLES / "places.csv")
    await import_items(settings, SHOP, EXAMPLES / "items.csv")
    try:
        await import_stock(settings, SHOP, EXAMPLES / "stock.csv")
    except Conflict as error:
        assert error.code == "booked_before"
    yield key
    # A shop has two at a time.
    _, prefix, _ = key.split("_", 2)
    await revoke_key(settings, prefix)


@pytest.fixture(scope="module")
def api_url(settings: Settings) -> Iterator[str]:
    """The address of a running API."""
    with Supervisor(settings, ["api"]) as supervisor:
        supervisor.wait_ready(5 * PATIENCE_S)
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
    with httpx.Client(
        base_url=f"{api_url}/v1/orders", trust_env=False, timeout=PATIENCE_S
    ) as client:
        client.headers["Authorization"] = f"Bearer {key}"

        def post(path: str, command: str, file: str) -> httpx.Response:
            body = json.loads((EXAMPLES / file).read_text("utf-8"))
            return client.post(path, json=body, headers={"Idempotency-Key": command})

        accepted = post("", "first-order", "order.json").raise_for_status().json()
        post(f"/{accepted['id']}/payments", "first-payment", "payment.json").raise_for_status()
        order: dict[str, Any] = client.get(f"/{accepted['id']}").raise_for_status().json()
    return order


async def test_goods_come_in_once_however_often_it_is_said(
    settings: Settings, key: str, api_url: str
) -> None:
    pin = await add_staff(settings, "Paul Planner", Role.PLANNER, "B-02")
    before = {level["sku"]: level for level in levels_of(api_url, key)}
    first = bring_goods_in(api_url, key, "B-02", pin)
    teapots = {level["sku"]: level for level in first}["TEAPOT"]
    assert teapots["on_hand"] == before["TEAPOT"]["on_hand"] + 23
    assert teapots["available"] == before["TEAPOT"]["available"] + 22
    # One is still announced.
    assert (teapots["inbound"], teapots["reserved"]) == (1, 0)
    assert bring_goods_in(api_url, key, "B-02", pin) == first

    # Its count, by somebody with a handheld: one mug less than the books say.
    with staff_client(api_url, "B-02", pin) as client:
        [count] = client.get("/v1/counts").raise_for_status().json()["items"]
        screens = [
            scan(client, **given)
            for given in (
                {"action": "count"},
                {"input": count["place"]},
                {"input": "9520000000028"},
                {"action": "counted", "quantity": 39},
                {"action": "finish"},
            )
        ]
        assert [screen["step"] for screen in screens[:4]] == ["place", "item", "quantity", "item"]
        assert screens[0]["target"] == "A-01-02-1"
        done = client.get(f"/v1/counts/{count['id']}").raise_for_status().json()
    assert done["state"] == "posted"
    assert [(line["sku"], line["variance"]) for line in done["lines"]] == [("MUG-BLUE", -1)]
    mugs = {level["sku"]: level for level in levels_of(api_url, key)}["MUG-BLUE"]
    assert mugs["on_hand"] == before["MUG-BLUE"]["on_hand"] - 1


def bring_goods_in(api_url: str, key: str, badge: str, pin: str) -> list[dict[str, Any]]:
    """The levels that the script prints; where there is no curl, its requests are sent without."""
    if not shutil.which("curl"):
        return bring_goods_in_without_curl(api_url, key, badge, pin)
    script = subprocess.run(
        [EXAMPLES / "goods_in.sh", api_url],
        env={"KEY": key, "BADGE": badge, "PIN": pin, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
    )
    assert script.returncode == 0, script.stderr + script.stdout
    return list(json.loads(script.stdout)["items"])


def bring_goods_in_without_curl(
    api_url: str, key: str, badge: str, pin: str
) -> list[dict[str, Any]]:
    """The same requests in the same sequence."""
    shop_keys = {"Authorization": f"Bearer {key}", "Idempotency-Key": "first-shipment"}
    with httpx.Client(
        base_url=api_url, trust_env=False, headers=shop_keys, timeout=PATIENCE_S
    ) as shop:
        shipment = shop.post("/v1/inbound-shipments", json=body_of("inbound.json"))
        path = f"/v1/inbound-shipments/{shipment.raise_for_status().json()['id']}/receipts"
    with staff_client(api_url, badge, pin) as client:
        receipt = {"Idempotency-Key": "first-receipt"}
        client.post(path, json=body_of("receipt.json"), headers=receipt).raise_for_status()
        screen = scan(client, action="move")
        while screen["step"] == "from":
            scan(client, input=screen["target"])
            screen = scan(client, input="9520000000042")
            screen = scan(client, input=screen["target"])
        scan(client, action="menu")
        wish = {"Idempotency-Key": "first-count"}
        client.post("/v1/counts", json=body_of("count.json"), headers=wish).raise_for_status()
    return levels_of(api_url, key)


def body_of(file: str) -> Any:
    """An example's body of a request."""
    return json.loads((EXAMPLES / file).read_text("utf-8"))


def levels_of(api_url: str, key: str) -> list[dict[str, Any]]:
    """The shop's stock levels."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=api_url, trust_env=False, headers=headers, timeout=PATIENCE_S
    ) as client:
        answer = client.get("/v1/inventory/levels").raise_for_status().json()
    return list(answer["items"])


@contextmanager
def staff_client(api_url: str, badge: str, pin: str) -> Iterator[httpx.Client]:
    """A client of somebody who has signed in."""
    with httpx.Client(base_url=api_url, trust_env=False, timeout=PATIENCE_S) as client:
        who = {"badge": badge, "pin": pin, "device": "test"}
        session = client.post("/handheld/sessions", json=who).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        yield client


def scan(client: httpx.Client, **given: object) -> dict[str, Any]:
    """What a handheld shows after an input."""
    body = {"id": uuid.uuid4().hex, **given}
    return dict(client.post("/handheld/scans", json=body).raise_for_status().json())


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
    assert said.stderr.startswith("'kettle' is none of scanner, sorter, printer, handheld, ")


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

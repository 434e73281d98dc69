"""The page for shops says what is true: its programs run, its tables are those of the code."""

import ast
import asyncio
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from api.entering import import_places, make_key
from api.orders.sheet import MAY_HAVE, NEEDS
from api.serve import Supervisor
from api.settings import Settings, child_environment
from tests.docs.text import ROOT, VERSIONS, blocks, table
from tests.key import DATA_KEYS
from tests.patience import PATIENCE_S
from tests.port import own_port
from wms.orders.fulfilment import MOVES
from wms.orders.payment import PaymentState

sys.path.insert(0, str(ROOT / "examples/shop"))
client = import_module("client")

PAGE = ROOT / "docs/shops.md"
# What looks like an event's type in the code and is none, or is the house's own and no shop's.
NONE = {
    "home.arpa", "zone.txt", "password.part", "postmaster.pid", "server.conf", "server.log",
    "key.retired", "sop.changed", "sop.removed", "outbox.sent_again", "outbox.acknowledged",
    "handoff_note.said",
}  # fmt: skip
TYPE = re.compile(r"[a-z_]+\.[a-z_]+")


def words(name: str) -> list[str]:
    """The first column of a table of the page."""
    return re.findall(r"^\| `([^`]+)` \|", table(PAGE, name), re.MULTILINE)


def said_in_code() -> tuple[set[str], set[str]]:
    """Texts of the warehouse that have an event's form, and what the others begin with."""
    whole: set[str] = set()
    begun: set[str] = set()
    for path in (ROOT / "wms").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole |= {node.value} if TYPE.fullmatch(node.value) else set()
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                begun |= {start} if re.fullmatch(r"[a-z_]+\.[a-z_]*", start) else set()
    for path in VERSIONS.rglob("*.sql"):
        whole |= set(re.findall(r"emit_event\([^,;]+, '([a-z_.]+)'", path.read_text("utf-8")))
    return whole - NONE - begun, begun


def ended_tickets() -> list[str]:
    """What becomes of tickets, as their commands say it."""
    module = ast.parse((ROOT / "wms/handoff/commands.py").read_text("utf-8"))
    [past] = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_PAST"
    ]
    assert isinstance(past, ast.Dict)
    return [ast.literal_eval(value) for value in past.values]


def test_every_event_of_the_code_is_on_the_page_and_no_other() -> None:
    whole, begun = said_in_code()
    events = words("events")
    assert len(events) == len(set(events)) > 60
    made = whole | {f"order.{state}" for state in MOVES.values()}
    made |= {
        f"order.payment_{state}"
        for state in (PaymentState.PENDING, PaymentState.AUTHORISED, PaymentState.FAILED)
    }
    made |= {f"inspection.{state}" for state in ("passed", "failed")}
    made |= {f"handoff.{what}" for what in ("opened", "claimed", *ended_tickets())}
    made |= {f"step.{what}" for what in ("overdue", "resolved")}
    # Who looked at what of a person is kept in a log of its own, and is no event.
    begun.discard("personal.")
    # What begins otherwise than these has to be added here.
    assert begun == {"order.", "order.payment_", "inspection.", "handoff.", "step."}
    assert not made - set(events), "events that the page does not tell of"
    assert not set(events) - made, "the page tells of events that nothing emits"


def test_the_columns_are_those_that_are_read() -> None:
    assert words("columns") == [*NEEDS, *MAY_HAVE]


@pytest.fixture(scope="module")
def settings(database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a service that has the file's database."""
    return Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=tmp_path_factory.mktemp("home"),
        port=own_port(),
        webhook_private="yes",
        log_level="error",
    )


@pytest.fixture(scope="module")
def api_url(settings: Settings) -> Iterator[str]:
    """The address of a running service, which makes waybills."""
    with Supervisor(settings, ["api", "jobs"]) as supervisor:
        supervisor.wait_ready(5 * PATIENCE_S)
        yield supervisor.addresses.api_url


class Terminal:
    """A shop developer's terminal, in which every block of the page is pasted."""

    def __init__(self, folder: Path, settings: Settings, api_url: str) -> None:
        self.folder, self.api_url, self.pasted = folder, api_url, ""
        (folder / "examples").symlink_to(ROOT / "examples")
        (folder / ".venv/bin").mkdir(parents=True)
        for name, command in (
            ("run", f"PYTHONPATH={ROOT} exec {sys.executable} -m api.cli"),
            (".venv/bin/python", f"exec {sys.executable}"),
        ):
            script = folder / name
            script.write_text(f'#!/bin/sh\n{command} "$@"\n', "utf-8")
            script.chmod(0o755)
        path = f"{folder}:/usr/bin:/bin:/usr/local/bin"
        self.environment = {
            name: value
            for name, value in child_environment(settings).items()
            if name != "STOWLINE_HOME"
        } | {"HOME": str(folder), "PATH": path, "API": api_url}

    def paste(self, block: str) -> str:
        """What a block says; what those before it have exported stands."""
        exports = "\n".join(line for line in self.pasted.splitlines() if "export KEY" not in line)
        said = block.replace("http://127.0.0.1:8080", self.api_url)
        said = said.replace("sell.py ", f"sell.py --api {self.api_url} ")
        said = said.replace("curl ", "curl --silent --fail-with-body ", 1)
        script = f'set -eu\n{exports}\n{said}\nprintf "%s" "${{KEY:-}}" > key\n'
        ran = subprocess.run(
            ["sh", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, f"{block}\n{ran.stdout}{ran.stderr}"
        self.pasted += "".join(f"{x}\n" for x in block.splitlines() if x.startswith("export"))
        self.environment["KEY"] = (self.folder / "key").read_text("utf-8")
        return ran.stdout


def test_every_block_of_the_page_runs_as_it_is_pasted_and_the_program_twice(
    settings: Settings, api_url: str, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path, settings, api_url)
    (tmp_path / "page.py").write_text("\n".join(blocks(PAGE, "python")), "utf-8")
    said: dict[str, str] = {}
    for block in blocks(PAGE, "sh"):
        if block.endswith("./run serve\n"):
            continue
        if block.startswith("curl") and not shutil.which("curl"):
            continue
        said[block.split()[-1]] = terminal.paste(block)
    assert said["--sandbox"].startswith("sk_")
    assert "is accepted and paid" in said['"$KEY"']
    assert "PARCELS" in said["page.py"]
    assert "/v1/connectors/shopify/" in said["page.py"]
    assert '"FIRST-1"' in said.get("@examples/order.json", '"FIRST-1"')
    # The program has sent the same file before.
    assert said['House"'].count(" same") == 3
    terminal.paste(".venv/bin/python page.py")
    # It tells only what is new.
    news = terminal.paste('.venv/bin/python examples/shop/sell.py --key "$KEY" --sku MUG-BLUE')
    assert news.count("order.waybill_ready") >= 1
    last = terminal.paste('.venv/bin/python examples/shop/sell.py --key "$KEY"')
    assert last.count("order.accepted") == 1


def test_the_page_has_no_block_that_is_not_run() -> None:
    fences = re.findall(r"^```(\w*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert set(fences) == {"sh", "python", ""}
    assert len(fences) == 2 * (len(blocks(PAGE, "sh")) + len(blocks(PAGE, "python")))


class LosesAnswers(BaseHTTPRequestHandler):
    """Hands a POST on to the service, and loses every other answer on the way back."""

    service = ""
    lost: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        names = ("Authorization", "Content-Type", "Idempotency-Key")
        headers = {name: self.headers[name] for name in names}
        answer = httpx.post(
            self.service + self.path, content=body, headers=headers, timeout=PATIENCE_S
        )
        self.lost.append(answer.status_code)
        if len(self.lost) % 2:
            self.close_connection = True
            return
        self.send_response(answer.status_code)
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def lossy_url(api_url: str) -> Iterator[str]:
    """A way to the service on which answers get lost."""
    handler = type("Handler", (LosesAnswers,), {"service": api_url, "lost": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_client_does_nothing_twice_where_answers_get_lost(
    settings: Settings, api_url: str, lossy_url: str
) -> None:
    key = asyncio.run(make_key(settings, "Lossy Mill", [], sandbox=True))
    asyncio.run(import_places(settings, None, ROOT / "examples/places.csv"))
    waits: list[float] = []
    shop = client.Stowline(key, lossy_url, wait=waits.append)
    size = dict.fromkeys(("width_mm", "depth_mm", "height_mm", "mass_g"), 100)
    item = {"name": "Cup"} | size
    httpx.put(
        f"{api_url}/v1/items/CUP", json=item, headers={"Authorization": f"Bearer {key}"}
    ).raise_for_status()
    body = json.loads((ROOT / "examples/order.json").read_text("utf-8"))
    body["lines"] = [body["lines"][0] | {"sku": "CUP"}]
    order = shop.place(body)
    paid = {"state": "paid", "amount": order["total"], "at": body["placed_at"]}
    assert shop.pay(order["id"], paid)["payment_state"] == "paid"
    with pytest.raises(client.StowlineError) as refusal:
        shop.place(body | {"external_order_id": "L-2", "lines": [body["lines"][0] | {"sku": "NO"}]})
    assert refusal.value.code == "unknown_item"
    assert len(waits) == 3
    there = client.Stowline(key, api_url)
    assert [one["id"] for one in there.get("/v1/orders")["items"]] == [order["id"]]
    assert len(there.order(order["id"])["payments"]) == 1

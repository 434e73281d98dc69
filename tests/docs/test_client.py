"""The client that a shop copies tries again what may be tried again, under the same key."""

import ast
import json
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.docs.test_example import SECRET, delivery
from tests.docs.text import ROOT
from tests.patience import PATIENCE_S

sys.path.insert(0, str(ROOT / "examples/shop"))
client = import_module("client")

Scripted = tuple[int, dict[str, str], dict[str, Any]]
OK: Scripted = (200, {}, {"id": 7})
NOW = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


class Door:
    """A server that answers what it is told to, one after the other, and notes what was asked."""

    def __init__(self) -> None:
        self.answers: list[Scripted | None] = []
        self.keys: list[str | None] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                door.keys.append(self.headers["Idempotency-Key"])
                self.rfile.read(int(self.headers["Content-Length"]))
                answer = door.answers.pop(0)
                if answer is None:
                    # As when the answer gets lost: nobody knows whether it arrived.
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    thread = threading.Thread(target=door.server.serve_forever)
    thread.start()
    yield door
    door.server.shutdown()
    thread.join()
    door.server.server_close()


def ask(door: Door, *answers: Scripted | None) -> tuple[Any, list[float]]:
    """What the client makes of these answers, and how long it waited between its tries."""
    waits: list[float] = []
    door.answers = list(answers)
    shop = client.Stowline("sk_x", door.url, wait=waits.append, timeout_s=PATIENCE_S)
    return shop.place({"external_order_id": "A-1"}), waits


def test_our_fault_a_lost_answer_and_one_in_flight_are_tried_again_under_one_key(
    door: Door,
) -> None:
    in_flight: Scripted = (409, {}, {"code": "in_flight", "detail": "Ask again."})
    told, waits = ask(door, (503, {}, {}), None, in_flight, OK)
    assert told == {"id": 7}
    assert len(door.keys) == 4 and len(set(door.keys)) == 1 and door.keys[0]
    assert waits == sorted(waits) and len(waits) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_it_is_told_to(door: Door, status: int) -> None:
    _, waits = ask(door, (status, {"Retry-After": "17"}, {"code": "too_many_requests"}), OK)
    assert waits == [17.0]


def test_it_waits_for_its_own_reasons_where_a_proxy_names_a_day(door: Door) -> None:
    day = {"Retry-After": "Wed, 01 Dec 2010 08:26:00 GMT"}
    _, waits = ask(door, (429, day, {}), OK)
    assert waits == [1.0]


def test_a_refusal_is_not_tried_again(door: Door) -> None:
    problem = {"code": "unknown_item", "detail": "No CUP.", "pointer": "/lines/0/sku"}
    with pytest.raises(client.StowlineError) as refusal:
        ask(door, (422, {}, problem))
    assert (refusal.value.status, refusal.value.code) == (422, "unknown_item")
    assert refusal.value.pointer == "/lines/0/sku"
    assert len(door.keys) == 1


def test_it_gives_up_at_last(door: Door) -> None:
    with pytest.raises(client.StowlineError):
        ask(door, *[(500, {}, {"code": "internal"})] * client.TRIES)
    assert len(door.keys) == client.TRIES


def test_an_event_is_believed_only_with_its_signature() -> None:
    message = delivery("msg_1", NOW)
    headers, body, now_s = message["headers"], message["data"], NOW.timestamp()
    assert client.verify(SECRET, headers, body, now_s)["type"] == "order.packed"
    capitals = {name.title(): value for name, value in headers.items()}
    assert client.verify(SECRET, capitals, body.encode(), now_s) == json.loads(body)
    forged = Webhook("whsec_" + "QUJD" * 8).sign("msg_1", NOW, body)
    both = f"{forged} {headers['webhook-signature']}"
    assert client.verify(SECRET, headers | {"webhook-signature": both}, body, now_s)
    for changed, said, at_s in (
        (headers, body.replace("1", "2"), now_s),
        (headers | {"webhook-signature": forged}, body, now_s),
        (headers | {"webhook-signature": "v1,é"}, body, now_s),
        (headers | {"webhook-id": "msg_2"}, body, now_s),
        (headers | {"webhook-timestamp": str(int(now_s) + 1)}, body, now_s),
        (headers, body, now_s + 301),
        (headers, body, now_s - 301),
        ({}, body, now_s),
    ):
        with pytest.raises(client.WrongSignatureError):
            client.verify(SECRET, changed, said, at_s)
    with pytest.raises(client.WrongSignatureError):
        client.verify("not a secret", headers, body, now_s)


def test_it_is_one_file_that_needs_the_standard_library_alone() -> None:
    module = ast.parse((ROOT / "examples/shop/client.py").read_text("utf-8"))
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(module)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {
        str(node.module).partition(".")[0]
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
    }
    assert imported <= sys.stdlib_module_names

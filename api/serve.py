"""All roles on one machine: what they need comes first, and a role that ends is started again."""

import asyncio
import os
import secrets
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from api.broker import Broker, find_mosquitto
from api.child import STEADY_S, ChildKeeper, Program
from api.settings import Settings, child_environment
from wms.database.account import ServerError
from wms.database.embedded import EmbeddedPostgres
from wms.database.migrate import upgrade
from wms.database.port import free_port, is_free

ROLES = ("api", "console", "gateway", "jobs")
ROOT = Path(__file__).resolve().parent.parent
READY_S = 60.0
GIVE_UP_AFTER = 4
WATCH_S = 1.0

_log = structlog.get_logger(__name__)


class ServeError(RuntimeError):
    """The roles cannot be started; the text says why."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is once it runs; None for what this machine does not run."""

    database_url: str
    mqtt_url: str | None
    api_url: str
    console_url: str


def role_commands(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The command of each role; the settings reach it by its environment."""
    api = (
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory"),
        *("--host", settings.host, "--port", str(settings.port)),
        *("--workers", str(settings.api_workers), "--respawn-failed-workers"),
        *("--loop", "uvloop", "--log-level", "warning", "--no-access-log"),
        *("--workers-kill-timeout", "10", "api.app:create"),
    )
    modules = {role: (sys.executable, "-m", f"api.{role}") for role in ROLES if role != "api"}
    return {"api": api, **modules}


class Supervisor:
    """Starts the database, the broker and the roles that were asked for, and stops what it started.

    A database or broker that the settings name is used as it is.
    """

    def __init__(
        self,
        settings: Settings,
        roles: Sequence[str] = ROLES,
        *,
        commands: Callable[[Settings], Mapping[str, tuple[str, ...]]] = role_commands,
        steady_s: float = STEADY_S,
    ) -> None:
        """Takes what to run; nothing is started yet.

        A role that ends is started again, after a wait that grows unless it ran for `steady_s`.

        Raises: ServeError where a role is unknown.
        """
        if unknown := [role for role in roles if role not in ROLES]:
            raise ServeError(f"no such role: {', '.join(unknown)}; there are {', '.join(ROLES)}")
        self.roles = tuple(role for role in ROLES if role in roles)
        self._settings = replace(
            settings,
            port=settings.port or free_port(),
            console_port=settings.console_port or free_port(),
            gateway_name=settings.gateway_name
            or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}",
        )
        self._commands = commands
        self._server: EmbeddedPostgres | None = None
        self._broker = Broker(settings, find_mosquitto())
        self._children = ChildKeeper(steady_s)
        self._stopping = threading.Event()
        self._watch: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Addresses:
        """Starts everything and answers where it is; the roles may not be ready yet.

        Raises: ServeError, ServerError or BrokerError; what was started is stopped again.
        """
        try:
            self._refuse_taken_ports()
            self._start_database()
            if "gateway" in self.roles:
                self._settings = replace(self._settings, mqtt_url=self._broker.start())
            environment = child_environment(self._settings) | {"PYTHONPATH": str(ROOT)}
            commands = self._commands(self._settings)
            for role in self.roles:
                self._children.start(Program(role, commands[role], environment))
        except BaseException:
            self.stop()
            raise
        return self.addresses

    @property
    def addresses(self) -> Addresses:
        """Where everything is.

        Raises: ServeError before `start`.
        """
        if self._settings.database_url is None:
            raise ServeError("nothing was started yet")
        host = _reachable(self._settings.host)
        return Addresses(
            database_url=self._settings.database_url,
            mqtt_url=self._settings.mqtt_url,
            api_url=f"http://{host}:{self._settings.port}",
            console_url=f"http://{host}:{self._settings.console_port}",
        )

    def ready(self) -> bool:
        """True where every role runs and those with an address answer there."""
        if not self._children.all_running():
            return False
        asked = {
            "api": f"{self.addresses.api_url}/ready",
            "console": self.addresses.console_url,
        }
        return all(_answers(url) for role, url in asked.items() if role in self.roles)

    def wait_ready(self, timeout_s: float = READY_S) -> None:
        """Returns when everything is ready.

        Raises: ServeError where it is not in time, or a role keeps ending.
        """
        deadline = time.monotonic() + timeout_s
        while not self.ready():
            for role in self.roles:
                if self._children.failures(role) >= GIVE_UP_AFTER:
                    raise ServeError(f"the role {role} keeps ending: its log says why")
            if time.monotonic() > deadline:
                raise ServeError(f"not ready after {timeout_s:.0f} s")
            time.sleep(0.05)

    def kill_broker(self) -> bool:
        """Kills the broker, which is started again; False where it is not ours."""
        return self._broker.kill()

    def pid(self, role: str) -> int:
        """The pid of a role's present process."""
        return self._children.pid(role)

    def stop(self) -> None:
        """Stops the roles, the last started first, then the broker, then the database.

        An embedded database that somebody else uses too goes on running.
        """
        self._stopping.set()
        if self._watch is not None:
            self._watch.join()
        self._children.stop()
        self._broker.stop()
        if self._server is not None:
            self._server.release()

    def _refuse_taken_ports(self) -> None:
        ports = {"api": self._settings.port, "console": self._settings.console_port}
        for role, port in ports.items():
            if role in self.roles and not is_free(port, self._settings.host):
                raise ServeError(f"the {role} cannot listen on {self._settings.host}:{port}")

    def _start_database(self) -> None:
        if self._settings.database_url is None:
            self._server = EmbeddedPostgres(self._settings.home / "postgres")
            self._settings = replace(self._settings, database_url=self._server.start())
            self._watch = threading.Thread(target=self._watch_database, daemon=True)
            self._watch.start()
        assert self._settings.database_url is not None
        done = asyncio.run(upgrade(self._settings.database_url, self._server))
        if done.changed:
            _log.info(
                "schema upgraded", before=done.before, after=done.after, backup=str(done.backup)
            )

    def _watch_database(self) -> None:
        assert self._server is not None
        while not self._stopping.wait(WATCH_S):
            if self._server.running():
                continue
            _log.error("database ended")
            try:
                self._server.start()
            except ServerError as error:
                _log.error("database does not start", reason=str(error))


def serve(
    settings: Settings,
    roles: Sequence[str] = ROLES,
    *,
    on_ready: Callable[[Addresses], None] = lambda addresses: None,
) -> None:
    """Runs the roles until SIGTERM or SIGINT, and stops them; call it in the main thread.

    Raises: ServeError, ServerError or BrokerError where they do not become ready.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Supervisor(settings, roles) as supervisor:
        supervisor.wait_ready()
        on_ready(supervisor.addresses)
        ended.wait()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status < 400)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False

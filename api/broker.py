"""The MQTT broker: the one that settings name, else a local mosquitto, else an embedded one."""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from api.child import ChildKeeper, Program
from api.settings import Settings, child_environment
from wms.database.port import HOST, answers, free_port

START_S = 15.0
# One that ran so long was no failed start: it comes back at once, however often it is killed.
STEADY_S = 3.0
# Debian keeps servers where an ordinary user's PATH does not look.
PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")

MOSQUITTO = """\
listener {port} {host}
allow_anonymous true
persistence false
set_tcp_nodelay true
max_inflight_messages 1000
max_queued_messages 100000
log_dest stderr
log_type error
log_type warning
connection_messages false
"""

# rumqttd, which iotcore wraps, speaks version 5 only on listeners that say so.
EMBEDDED = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 1000
max_segment_size = 16777216
max_segment_count = 10

[v5.1]
name = "stowline"
listen = "{host}:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 1000
dynamic_filters = true
"""


class BrokerError(RuntimeError):
    """The broker does not start; the text says why."""


class Broker:
    """A broker for as long as a `with` block lasts; one of ours listens on loopback only.

    One of ours that crashes is started again on the same port.
    """

    def __init__(
        self, settings: Settings, mosquitto: Path | None = None, *, steady_s: float = STEADY_S
    ) -> None:
        """Takes `mosquitto` as the program to run; None is to use the embedded broker.

        Pauses before a restart grow only while it runs for less than `steady_s`.
        """
        self._settings = settings
        self._mosquitto = mosquitto
        self._children = ChildKeeper(steady_s)
        self._config: Path | None = None
        self.url = settings.mqtt_url or ""

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

    def start(self) -> str:
        """Starts a broker unless the settings name one, and answers its URL.

        Raises: BrokerError where it does not take connections in time.
        """
        if self.url:
            return self.url
        port = free_port()
        self._children.start(self._program(port))
        deadline = time.monotonic() + START_S
        while not answers(port):
            if time.monotonic() > deadline:
                self.stop()
                raise BrokerError(f"the MQTT broker does not answer on port {port}")
            time.sleep(0.02)
        self.url = f"mqtt://{HOST}:{port}"
        return self.url

    def stop(self) -> None:
        """Stops the broker if it is ours."""
        self._children.stop()
        if self._config is not None:
            self._config.unlink(missing_ok=True)

    def kill(self) -> bool:
        """Kills the broker without a word, as a fault would; False where it is not ours to kill."""
        if self._config is None:
            return False
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return True

    @property
    def pid(self) -> int:
        """The process of the broker that we started."""
        return self._children.pid("broker")

    def _program(self, port: int) -> Program:
        folder = self._settings.home / "broker"
        folder.mkdir(parents=True, exist_ok=True)
        template = MOSQUITTO if self._mosquitto else EMBEDDED
        # Two may share a home, so each port has a file; rumqttd knows the format by its name.
        config = folder / f"{port}.{'conf' if self._mosquitto else 'toml'}"
        self._config = config
        config.write_text(template.format(host=HOST, port=port))
        command = (
            (*guard(), str(self._mosquitto), "-c", str(config))
            if self._mosquitto
            else (
                *(sys.executable, "-m", "iotcore", "--config", str(config)),
                *("--log-level", "CRITICAL"),
            )
        )
        return Program("broker", command, child_environment(self._settings))


def guard() -> tuple[str, ...]:
    """What has to stand before a program that gives root's rights up by itself.

    Linux forgets on a change of account that the program was to end with its parent, so a shell
    stays between them and remembers.
    """
    if os.geteuid() != 0:
        return ()
    script = '"$0" "$@" & child=$!; trap "kill $child" TERM INT; wait $child; wait $child'
    return ("/bin/sh", "-c", script)


def find_mosquitto() -> Path | None:
    """The local mosquitto, or None where there is none."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path=":".join(PLACES))
    return Path(found) if found else None

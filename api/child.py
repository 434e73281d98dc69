"""Child processes that are kept alive, and that never outlive us."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Queue

import structlog

PR_SET_PDEATHSIG = 1
POLL_S = 0.1
BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
STOP_S = 15.0

_log = structlog.get_logger(__name__)
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: a command with its whole environment, under a name for the log."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(slots=True)
class _Child:
    program: Program
    process: "subprocess.Popen[bytes]"
    started_s: float
    failures: int = 0
    due_s: float | None = None


@dataclass(slots=True)
class ChildKeeper:
    """Runs programs as children, starts again what ends by itself, and stops all in order.

    Linux ends a child when the thread that started it ends, so one thread starts them all.
    Waiting grows with failures in a row and is forgotten after `steady_s` of running.
    """

    steady_s: float = STEADY_S
    _children: dict[str, _Child] = field(default_factory=dict)
    _wishes: "Queue[Callable[[], None]]" = field(default_factory=Queue)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, program: Program) -> int:
        """Starts a program and keeps it running from now on; answers its pid.

        Raises: OSError where it cannot be executed.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="children", daemon=True)
            self._thread.start()
        started: Future[int] = Future()
        self._wishes.put(lambda: self._answer(started, program))
        return started.result()

    def pid(self, name: str) -> int:
        """The pid of a program's present process."""
        return self._children[name].process.pid

    def failures(self, name: str) -> int:
        """How often in a row the program ended by itself of late."""
        return self._children[name].failures

    def all_running(self) -> bool:
        """True where no program is down just now."""
        return all(child.due_s is None for child in self._children.values())

    def stop(self) -> None:
        """Stops all children, the last started first, and waits for each."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _answer(self, started: "Future[int]", program: Program) -> None:
        try:
            child = _Child(program, _spawn(program), time.monotonic())
        except OSError as error:
            started.set_exception(error)
            return
        self._children[program.name] = child
        started.set_result(child.process.pid)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with suppress(Empty):
                self._wishes.get(timeout=POLL_S)()
            for child in self._children.values():
                _tend(child, self.steady_s)
        for child in reversed(self._children.values()):
            _end(child)


def _tend(child: _Child, steady_s: float) -> None:
    now_s = time.monotonic()
    code = child.process.poll()
    if code is None:
        if child.failures and now_s - child.started_s > steady_s:
            child.failures = 0
        return
    if child.due_s is None:
        # What it started itself would hold its ports.
        _signal_group(child, signal.SIGKILL)
        wait_s = BACKOFF_S[min(child.failures, len(BACKOFF_S) - 1)]
        child.failures += 1
        child.due_s = now_s + wait_s
        _log.error("child ended", child=child.program.name, exit_code=code, restart_in_s=wait_s)
    elif now_s >= child.due_s:
        child.process = _spawn(child.program)
        child.started_s, child.due_s = now_s, None
        _log.info("child restarted", child=child.program.name, pid=child.process.pid)


def _spawn(program: Program) -> "subprocess.Popen[bytes]":
    parent = os.getpid()

    def tie_to_parent() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    # A session of its own: the terminal's Ctrl-C reaches us alone, and we stop all in order.
    return subprocess.Popen(
        program.command,
        env=dict(program.environment),
        stdin=subprocess.DEVNULL,
        # Standard output is for results; what a child says is a log.
        stdout=2,
        preexec_fn=tie_to_parent,
        start_new_session=True,
    )


def _end(child: _Child) -> None:
    if child.process.poll() is None:
        child.process.terminate()
        try:
            child.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _log.warning("child killed", child=child.program.name, waited_s=STOP_S)
    _signal_group(child, signal.SIGKILL)
    child.process.wait()


def _signal_group(child: _Child, number: signal.Signals) -> None:
    # A group that is gone already is what was wanted.
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)

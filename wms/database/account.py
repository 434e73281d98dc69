"""The account a database server runs as, and the folders it must be able to enter."""

import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

UNPRIVILEGED = ("postgres", "nobody")


class ServerError(RuntimeError):
    """The embedded database cannot be started, stopped or read; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """A system account that programs are run as."""

    name: str
    uid: int
    gid: int

    @property
    def is_self(self) -> bool:
        """True where no privileges have to be dropped."""
        return self.uid == os.geteuid()

    def run(
        self,
        *command: str | Path,
        environment: Mapping[str, str] | None = None,
        output: IO[Any] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end as this account, without our environment or other groups.

        `output` takes both streams in place of the result: a pipe would stay open as long as
        a server that the program leaves behind.

        Raises: OSError where the program cannot be executed by the account.
        """
        drop: dict[str, Any] = (
            {} if self.is_self else {"user": self.uid, "group": self.gid, "extra_groups": []}
        )
        return subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.PIPE,
            stderr=output or subprocess.PIPE,
            text=True,
            check=False,
            **drop,
        )

    def can_enter(self, folder: Path) -> bool:
        """True where the account may walk through the folder and all of its parents."""
        return self.run("test", "-x", folder).returncode == 0

    def can_execute(self, program: Path) -> bool:
        """True where the account can run the program, its libraries included."""
        try:
            return self.run(program, "--version").returncode == 0
        except OSError:
            return False


def server_account(data: Path) -> Account:
    """The account a server over `data` runs as: never root, which PostgreSQL refuses.

    Data that exist keep their owner, so that an account made later changes nothing.

    Raises: ServerError where root finds no unprivileged account.
    """
    owner = data.stat().st_uid if data.exists() else 0
    uid = owner if os.geteuid() == 0 else os.geteuid()
    if uid:
        return _account_of(uid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ServerError(
        f"PostgreSQL does not run as root and none of the accounts {', '.join(UNPRIVILEGED)} "
        "exists: add one, or set STOWLINE_DATABASE_URL"
    )


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        # A container may give a process an account that no list names.
        return Account(str(uid), uid, os.getegid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def make_folder(path: Path, mode: int) -> None:
    """Makes a folder with exactly this mode; one that exists keeps its own.

    Parents that are missing are made for all to enter.
    """
    if path.is_dir():
        return
    make_folder(path.parent, 0o755)
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(mode)

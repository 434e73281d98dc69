"""The data folder of a PostgreSQL server: made once, whole or not at all."""

import os
import secrets
import shutil
from pathlib import Path

from wms.database.account import Account, ServerError
from wms.database.binaries import major_version

DATA = "data"


def make_cluster(home: Path, account: Account, programs: Path, owner: str) -> None:
    """Makes `home`'s data folder with a random password for `owner`, unless it is there already.

    The caller holds the home's lock.

    Raises: ServerError where initdb fails or the data are of another major version.
    """
    data = home / DATA
    major = major_version(programs)
    if data.is_dir():
        made_by = int((data / "PG_VERSION").read_text())
        if made_by != major:
            raise ServerError(
                f"{data} was made by PostgreSQL {made_by}, the programs are of {major}: "
                "dump the old database and restore it into a new home"
            )
        return
    # A killed initdb leaves half a cluster, so it gets its name only once it is whole.
    part = home / f"{DATA}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    password = secrets.token_urlsafe(24)
    _write_secret(home / "password", password)
    handed = home / "password.part"
    _write_secret(handed, password)
    for path in (part, handed):
        os.chown(path, account.uid, account.gid)
    try:
        done = account.run(programs / "initdb", *_arguments(part, handed, owner, major))
    finally:
        handed.unlink()
    if done.returncode:
        raise ServerError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
    part.rename(data)


def _arguments(data: Path, password: Path, owner: str, major: int) -> list[str | Path]:
    # The builtin provider sorts alike on every machine; older servers have the system's only.
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if major >= 17
        else ["--locale=C.UTF-8"]
    )
    return [
        *("-D", data, "-U", owner, f"--pwfile={password}", "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--data-checksums", *locale),
    ]


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)

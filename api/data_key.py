"""The data keys of a house: from its settings, else from a file of its home."""

import os
import secrets
from dataclasses import replace
from pathlib import Path

from api.settings import Settings, SettingsError, variable
from wms.database.seal import Keyset, SealError

FILE = "data.keys"


def read_keyset(settings: Settings) -> Keyset:
    """The keyset that the settings name, or that of the home, which is made where there is none.

    Whoever comes first makes it; all that start at once read the same one.

    Raises: SettingsError, what is there is no keyset; its text holds no key.
    """
    try:
        if settings.data_keys is not None:
            return Keyset.parse(settings.data_keys)
        file = key_file(settings)
        if not file.exists():
            _link(file, Keyset.new())
        kept = Keyset.parse(file.read_text(encoding="ascii"))
        return replace(kept, reread=lambda: Keyset.parse(file.read_text(encoding="ascii")))
    except (SealError, UnicodeDecodeError) as error:
        place = "" if settings.data_keys is not None else f" ({key_file(settings)})"
        raise SettingsError(f"{variable('data_keys')}{place}: {error}") from None


def write_keyset(settings: Settings, keyset: Keyset) -> Path:
    """Puts another keyset in the place of the home's, whole or not at all.

    Raises: SettingsError, the keys are not kept in the home but in the settings.
    """
    if settings.data_keys is not None:
        raise SettingsError(
            f"{variable('data_keys')} holds the keys, so they are changed there, not in the home."
        )
    file = key_file(settings)
    _draft(file, keyset).replace(file)
    return file


def key_file(settings: Settings) -> Path:
    """Where the home keeps its data keys, for its owner alone."""
    return settings.home / FILE


def _link(file: Path, keyset: Keyset) -> None:
    """Gives the file its name where nobody else has done so meanwhile."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(file, keyset)
    try:
        os.link(draft, file)
    except FileExistsError:
        # Another role was first, and its keys are everybody's.
        return
    finally:
        draft.unlink()


def _draft(file: Path, keyset: Keyset) -> Path:
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as output:
        output.write(keyset.text())
        output.flush()
        os.fsync(output.fileno())
    return draft

"""What every sub-command starts with: the settings, and a database that they name or embed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from api import log
from api.settings import Settings, SettingsError
from wms.database.embedded import EmbeddedPostgres


def settings_of(role: str, *, quiet: bool = False) -> Settings:
    """The settings of the environment, with the log set up as they say.

    Raises:
        SettingsError: one of them makes no sense.
    """
    settings = Settings.from_environment()
    if quiet:
        settings = replace(settings, log_level="error")
    if not (settings.database_url or "postgresql://").startswith("postgresql://"):
        raise SettingsError("STOWLINE_DATABASE_URL: an address begins with postgresql://")
    log.configure_log(settings, role)
    return settings


@contextmanager
def with_database(settings: Settings, *, keep: bool = False) -> Iterator[Settings]:
    """The settings with a database's address: the one given, or the embedded server's.

    An embedded server is left as it was found, running or not; `keep` leaves it running.
    """
    if settings.database_url is not None:
        yield settings
        return
    server = EmbeddedPostgres(settings.home / "postgres")
    keep = keep or server.running()
    server.start()
    try:
        yield replace(settings, database_url=server.url())
    finally:
        if keep:
            server.leave()
        else:
            server.release()

"""The first schema."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    """Makes every table, function, right and partition of the first release."""
    run_scripts(Path(__file__).with_name("first"))

"""The whole stock core: places, items, receiving, moving, counting, kitting, backorders."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0002_stock"
down_revision = "0001_first"


def upgrade() -> None:
    """Widens the first schema; what is in it stays as it is."""
    run_scripts(Path(__file__).with_name("second"))

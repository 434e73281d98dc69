"""Pick plans: floors with cross aisles, plans that say how good they are, walks planned anew."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0003_pick"
down_revision = "0002_stock"


def upgrade() -> None:
    """Widens the schema; what is in it stays as it is."""
    run_scripts(Path(__file__).with_name("third"))

"""What a supplier's whole order costs and holds, so that items are ordered together."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0007_supply"
down_revision = "0006_forecast"


def upgrade() -> None:
    """Widens the schema; what runs goes on with what it has."""
    run_scripts(Path(__file__).with_name("seventh"))

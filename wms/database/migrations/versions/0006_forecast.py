"""Forecasts and what follows from them: policies, proposals, transfers, days that will be full."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0006_forecast"
down_revision = "0005_device"


def upgrade() -> None:
    """Widens the schema; what runs goes on with what it has."""
    run_scripts(Path(__file__).with_name("sixth"))

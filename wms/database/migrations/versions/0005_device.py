"""Devices that lose nothing: registry, dead letters, commands, sorter lanes and every label."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0005_device"
down_revision = "0004_route"


def upgrade() -> None:
    """Widens the schema; what runs goes on with what it has."""
    run_scripts(Path(__file__).with_name("fifth"))

"""Delivery routes: own vans, plans in versions, planners' wishes, and arrivals that are told."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0004_route"
down_revision = "0003_pick"


def upgrade() -> None:
    """Widens the schema; routes that were planned become the first version of their departure."""
    run_scripts(Path(__file__).with_name("fourth"))

"""The shop's side: sources, edits, addresses, quotes, mail, digital goods, tickets, privacy."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0008_shop"
down_revision = "0007_supply"


def upgrade() -> None:
    """Widens the schema; what runs goes on with what it has."""
    run_scripts(Path(__file__).with_name("eighth"))

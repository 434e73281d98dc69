"""Jobs that are asked for while they are done."""

from pathlib import Path

from wms.database.migrate import run_scripts

revision = "0009_asked"
down_revision = "0008_shop"


def upgrade() -> None:
    """Adds what asks for a job; what runs goes on with what it has."""
    run_scripts(Path(__file__).with_name("ninth"))

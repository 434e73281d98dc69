"""A log line is one JSON object that names its role and its order."""

import json
import subprocess
import sys

import pytest

CODE = """
import logging, structlog
from api.log import about_order, configure_log
from api.settings import Settings
configure_log(Settings(log_level="info"), "jobs")
log = structlog.get_logger("here")
with about_order(12):
    log.info("waybill made", sscc="00340")
    logging.getLogger("library").warning("slow %s", "link")
log.debug("hidden")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
"""


def test_every_line_names_its_role_and_its_order() -> None:
    said = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert said.stdout == ""
    ours, library, failed = (json.loads(line) for line in said.stderr.splitlines())
    assert (ours["event"], ours["role"], ours["order_id"]) == ("waybill made", "jobs", 12)
    assert (ours["sscc"], ours["level"]) == ("00340", "info") and ours["at"].endswith("Z")
    assert (library["event"], library["role"], library["order_id"]) == ("slow link", "jobs", 12)
    assert failed["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert "order_id" not in failed


LEAK = """
import structlog, sys
from api.log import configure_log
from api.settings import Settings
configure_log(Settings(log_format=sys.argv[1]), "api")
def ship(address):
    raise ValueError("no such street")
try:
    ship({"name": "Ada " + "Merton"})
except ValueError:
    structlog.get_logger("here").exception("failed")
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_tells_no_address(log_format: str) -> None:
    command = [sys.executable, "-c", LEAK, log_format]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "no such street" in said.stderr and "Merton" not in said.stderr

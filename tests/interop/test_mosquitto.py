"""The link through kills of Mosquitto 2.0 and of its own process, over the real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.sorter_kill import Course, run_course
from tests.interop.program import require_program
from tests.server import Servers


@pytest.fixture
def fresh_database(servers: Servers, server_name: str) -> Iterator[str]:
    """A database for one test: what a scanner's boot has told once is known for ever."""
    url = servers.create_database(server_name)
    yield url
    servers.drop_database(server_name, url)


@pytest.mark.parametrize(
    ("broker_kills", "process_kills"), [(2, 0), (1, 1)], ids=["broker", "broker and process"]
)
def test_no_event_is_lost_or_doubled(
    fresh_database: str, tmp_path: Path, broker_kills: int, process_kills: int
) -> None:
    require_program("mosquitto", "mosquitto")
    course = Course(300, 200.0, broker_kills, process_kills)
    outcome = run_course(course, tmp_path, fresh_database)
    killed = [kill.what for kill in outcome.kills]
    assert (killed.count("broker"), killed.count("process")) == (broker_kills, process_kills)
    assert (outcome.sent, outcome.lost, outcome.doubled) == (300, 0, 0)
    assert outcome.out_of_order == 0
    assert outcome.told.connections > course.scanners
    assert min(outcome.told.acknowledged_s) > 0

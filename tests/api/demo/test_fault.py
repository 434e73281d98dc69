"""The demo's own faults: which kills are armed, and how often each fault is said to have struck."""

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

from api.demo.fault import Strikes, with_kills
from api.gateway.kill import KillPoint
from api.serve import Supervisor
from api.settings import Settings, child_environment
from sim.fault import KILLS, Fault


class House:
    """Counts how often its broker was killed."""

    def __init__(self) -> None:
        self.kills = 0

    def kill_broker(self) -> bool:
        self.kills += 1
        return True


def test_every_kill_point_is_a_fault_and_every_kill_a_point() -> None:
    assert {f"kill-{point}" for point in KillPoint} == {fault.value for fault in KILLS}


def test_an_unknown_fault_is_wrong_usage_and_the_answer_lists_them_all(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--faults", "jam,fire", "--json"],
        env=child_environment(Settings(home=tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    # The sentence is set in a box as wide as the terminal.
    said = "".join(done.stderr.replace("│", " ").split())
    assert "thereisnofault'fire'" in said
    assert all(fault.value in said for fault in Fault)
    assert not (tmp_path / "postgres").exists()


def test_only_kills_that_were_asked_for_are_armed(tmp_path: Path) -> None:
    settings = Settings()
    assert with_kills(settings, "", tmp_path) == settings
    assert with_kills(settings, "jam, broker-kill", tmp_path) == settings
    one = with_kills(settings, "jam, kill-after-sent", tmp_path)
    assert (one.kill_at, one.kill_log) == ("after-sent", tmp_path / "kills.log")
    every = with_kills(settings, "all", tmp_path)
    assert every.kill_at == ",".join(KillPoint)


def test_the_broker_is_killed_when_the_simulation_says_so_and_counted(tmp_path: Path) -> None:
    house = House()
    strikes = Strikes(cast(Supervisor, house), tmp_path)
    strikes.hear(json.dumps({"t_s": 1.0, "orders_in": 3}))
    assert house.kills == 0
    strikes.hear(json.dumps({"strike": Fault.BROKER_KILL}))
    (tmp_path / "kills.log").write_text("after-sent:1\n")
    simulated = {"jam": 2, "broker-kill": 5, "kill-after-sent": 0, "kill-after-begin": 0}
    assert strikes.counted(simulated) == {
        "jam": 2,
        "broker-kill": 1,
        "kill-after-sent": 1,
        "kill-after-begin": 0,
    }

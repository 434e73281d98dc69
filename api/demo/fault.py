"""The faults that are the house's own to suffer: its broker killed, its gateway killed."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.gateway.kill import KillPoint, kills_done
from api.serve import Supervisor
from api.settings import Settings

BROKER_KILL = "broker-kill"
# A gateway that dies on purpose is no gateway that keeps failing.
STEADY_S = 0.5
_KILL = "kill-"
_LOG = "kills.log"


def with_kills(settings: Settings, faults: str, folder: Path) -> Settings:
    """Arms the kill points among the faults: each ends the gateway once."""
    names = {name.strip() for name in faults.split(",")}
    points = [point for point in KillPoint if names & {"all", f"{_KILL}{point}"}]
    if not points:
        return settings
    return replace(settings, kill_at=",".join(points), kill_log=folder / _LOG)


class Strikes:
    """Strikes where the simulation asks for it, and counts."""

    def __init__(self, supervisor: Supervisor, folder: Path) -> None:
        self._supervisor = supervisor
        self._log = folder / _LOG
        self._done: Counter[str] = Counter()

    def hear(self, line: str) -> None:
        """Takes what the simulation says; most of it is progress."""
        if json.loads(line).get("strike") == BROKER_KILL:
            self._done[BROKER_KILL] += self._supervisor.kill_broker()

    def counted(self, simulated: dict[str, Any]) -> dict[str, int]:
        """How often each fault struck: the simulation's count, but for those that are ours."""
        kills = Counter(f"{_KILL}{kill.partition(':')[0]}" for kill in kills_done(self._log))
        ours = {name for name in simulated if name == BROKER_KILL or name.startswith(_KILL)}
        return simulated | {name: (self._done + kills)[name] for name in ours}

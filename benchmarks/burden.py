"""How much processor time a service took: its processes and its database server's."""

from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Burden:
    """User and system time in s since the processes began."""

    application_s: float
    database_s: float

    def since(self, before: "Burden") -> "Burden":
        """What was taken in between."""
        return Burden(
            self.application_s - before.application_s, self.database_s - before.database_s
        )


def burden(role_pid: int, database: Path) -> Burden:
    """Of a role with all its children, and of the server whose data lie in that folder."""
    server_pid = int((database / "data" / "postmaster.pid").read_text().split()[0])
    return Burden(_tree_s(role_pid), _tree_s(server_pid))


def resident_mib(role_pid: int) -> float:
    """The largest resident memory of a role's processes."""
    tree = [psutil.Process(role_pid), *psutil.Process(role_pid).children(recursive=True)]
    return float(max(process.memory_info().rss for process in tree)) / 2**20


def _tree_s(pid: int) -> float:
    top = psutil.Process(pid)
    # What has ended meanwhile is in the times that its parent keeps of its children.
    own = top.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for process in top.children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return float(total)

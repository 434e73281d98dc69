"""Who works in the warehouse, and which machines stand there."""

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from sim.chance import whole
from sim.scenario.place import PACKING_PLACES

PICKERS = 6
MM_PER_COUNT = 10
DECISION_MM = 62_000
SITE = "main"
# Behind the packing places' lanes: what cannot go where it should comes to stand here.
REJECT_LANE = PACKING_PLACES + 1


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff; `task` is what the simulation lets them do, empty for nothing."""

    name: str
    role: str
    badge: str
    pin: str
    task: str


def make_crew(seed: int) -> list[Member]:
    """Give six pickers, a packer for each packing place, a loader, and those who plan."""
    tasks = [*["pick"] * PICKERS, *["pack"] * PACKING_PLACES, "load"]
    crew = []
    for number, task in enumerate(tasks, 1):
        name = f"{task.capitalize()}er {number:02d}"
        crew.append(Member(name, "operator", f"B-{number:02d}", _pin(seed, number), task))
    planner, supervisor = len(tasks) + 1, len(tasks) + 2
    crew.append(Member("Planner", "planner", f"B-{planner:02d}", _pin(seed, planner), ""))
    crew.append(
        Member("Supervisor", "supervisor", f"B-{supervisor:02d}", _pin(seed, supervisor), "")
    )
    return crew


def _pin(seed: int, number: int) -> str:
    return f"{whole(0, 9_999, seed, 'pin', number):04d}"


def make_devices(ports: list[int]) -> list[dict[str, object]]:
    """Describe scanner, sorter and printers; `ports` are the sorter's and then the printers'."""
    sorter = {
        "decision_mm": DECISION_MM,
        "mm_per_count": MM_PER_COUNT,
        "reject_lane": REJECT_LANE,
    }
    devices = [
        _device("scanner", "SCN-01", None, {"sorter": "PLC-1"}),
        _device("sorter", "PLC-1", ports[0], sorter),
    ]
    for lane in range(1, PACKING_PLACES + 1):
        place = {"place": f"PACK-{lane:02d}"}
        devices.append(_device("printer", f"PRN-{lane:02d}", ports[lane], place))
    return devices


def _device(
    device_class: str, name: str, port: int | None, config: Mapping[str, object]
) -> dict[str, object]:
    return {
        "site": SITE,
        "area": "sort" if device_class != "printer" else "pack",
        "class": device_class,
        "name": name,
        "address": None if port is None else f"127.0.0.1:{port}",
        "config": config,
    }


def pick_ports(count: int, first: int = 0) -> list[int]:
    """Give TCP ports: those from `first` on, or free ones where it is 0."""
    if first:
        return list(range(first, first + count))
    with ExitStack() as stack:
        # All are held open until the last is found, or the system would hand one out twice.
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for holder in held:
            holder.bind(("127.0.0.1", 0))
        return [int(holder.getsockname()[1]) for holder in held]

"""Devices: what may be entered of one, and the words for what it owes us and we owe it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from wms.error import Refused

# The parts of a topic: what may stand in one is the wire format's, and is checked there again.
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_OP = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
# Those that the house serves, and those that it hears, asks and watches for whoever extends it.
CLASSES = ("scanner", "sorter", "printer", "handheld", "light", "scale", "gate")
GATEWAY_CLASS = "gateway"
GATEWAY_NAME = "stowline"
GATEWAY_AREA = "house"
EXPIRES_S_MAX = 7 * 86_400


class CommandState(StrEnum):
    """Where a command to a device stands."""

    QUEUED = "queued"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device of a site; `address` is host:port where we connect to it.

    One that is not in service is neither served nor let onto the broker.
    """

    site: str
    area: str
    device_class: str
    name: str
    address: str | None
    config: dict[str, object]
    in_service: bool = True

    def check(self) -> None:
        """Refuses what could not be part of a topic, a class of no meaning, and the house's name.

        Raises:
            Refused: `bad_device`.
        """
        for part in (self.site, self.area, self.name):
            if not _PART.fullmatch(part):
                raise Refused(
                    "bad_device",
                    f"{part!r} cannot be part of a topic: 1 to 64 letters, digits, _, . or -.",
                )
        if (self.name == GATEWAY_NAME) != (self.device_class == GATEWAY_CLASS):
            raise Refused("bad_device", f"{GATEWAY_NAME} is the house itself, its only gateway.")
        if self.device_class not in (*CLASSES, GATEWAY_CLASS):
            raise Refused("bad_device", f"{self.device_class!r} is none of {', '.join(CLASSES)}.")


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """What a device is asked to do, and how long it may wait for it."""

    op: str
    args: dict[str, object]
    expires_s: float

    def check(self) -> None:
        """Refuses what no device could be sent.

        Raises:
            Refused: `bad_command`.
        """
        if not _OP.fullmatch(self.op):
            raise Refused("bad_command", f"{self.op!r} is no operation: small letters, -, _ or .")
        if not 1 <= self.expires_s <= EXPIRES_S_MAX:
            raise Refused("bad_command", "A command waits from one second to seven days.")


@dataclass(frozen=True, slots=True)
class DeadTelegram:
    """A telegram whose effect the house refused."""

    device: str
    boot: int
    seq: int
    kind: str
    payload: dict[str, object]

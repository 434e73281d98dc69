"""One code as a reader gave it, whichever way it came: wedge, intent or MQTT."""

from dataclasses import dataclass
from datetime import datetime

from devices.link.message import DeviceEvent


@dataclass(frozen=True, slots=True)
class Reading:
    """A code and, where the reader told it, its symbology identifier."""

    raw: str
    aim: str = ""

    @property
    def text(self) -> str:
        """The code with its symbology identifier before it, as one text."""
        return self.aim + self.raw

    def event(self, boot: int, seq: int, at: datetime, trigger: int | None = None) -> DeviceEvent:
        """The same code as the message that MQTT brings.

        Raises: ValueError where it could not be sent as one.
        """
        if seq < 1 or boot < 0 or at.tzinfo is None:
            raise ValueError("an event counts from 1 within a boot, and its clock has an offset")
        return DeviceEvent(boot, seq, at, self.raw, self.aim, trigger)

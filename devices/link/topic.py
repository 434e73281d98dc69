"""Topics of the link: `wh/v1/{site}/{area}/{class}/{device}/{channel}`."""

import re
from dataclasses import dataclass
from enum import StrEnum

from devices.error import DecodeError

PREFIX = "wh/v1"
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Channel(StrEnum):
    """What a topic carries."""

    META = "meta"
    STATE = "state"
    EVT = "evt"
    ACK = "ack"
    CMD = "cmd"
    RSP = "rsp"
    TEL = "tel"


@dataclass(frozen=True, slots=True, order=True)
class DeviceName:
    """Where a device stands and what it is.

    Each part is 1 to 64 letters, digits, `_`, `.` or `-`, beginning with a letter or a digit.
    Raises: ValueError for any other part.
    """

    site: str
    area: str
    device_class: str
    device: str

    def __post_init__(self) -> None:
        for part in (self.site, self.area, self.device_class, self.device):
            if not _SEGMENT.fullmatch(part):
                raise ValueError(f"{part!r} cannot be part of a device's name")

    def __str__(self) -> str:
        return f"{self.site}/{self.area}/{self.device_class}/{self.device}"

    def topic(self, channel: Channel) -> str:
        """Give the topic of one of the device's channels."""
        return f"{PREFIX}/{self}/{channel}"


def parse_name(text: str) -> DeviceName:
    """Read `site/area/class/device`.

    Raises: DecodeError.
    """
    parts = text.split("/")
    if len(parts) != 4:
        raise DecodeError(f"{text!r} is no device's name: site/area/class/device")
    try:
        return DeviceName(*parts)
    except ValueError as error:
        raise DecodeError(str(error)) from error


def parse_topic(topic: str) -> tuple[DeviceName, Channel]:
    """Read a topic.

    Raises: DecodeError when it is none of ours.
    """
    if not topic.startswith(f"{PREFIX}/"):
        raise DecodeError(f"topic {topic!r} does not begin with {PREFIX}/")
    name, _, channel = topic.removeprefix(f"{PREFIX}/").rpartition("/")
    try:
        found = Channel(channel)
    except ValueError as error:
        raise DecodeError(f"topic {topic!r} has no channel {channel!r}") from error
    return parse_name(name), found


def site_filter(site: str, channel: Channel) -> str:
    """Give the subscription for one channel of every device of a site."""
    if not _SEGMENT.fullmatch(site):
        raise ValueError(f"{site!r} cannot be a site's name")
    return f"{PREFIX}/{site}/+/+/+/{channel}"

"""Messages that do harm nowhere: counted, logged once a kind, and kept to be looked at."""

import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from devices.link.message import DeviceEvent, encode_event
from devices.link.topic import Channel, DeviceName

_log = logging.getLogger(__name__)
_KEPT = 100
_BYTES_KEPT = 512


class BadKind(StrEnum):
    """What is wrong with a message."""

    TOPIC = "topic"
    WRONG_SITE = "wrong_site"
    UNKNOWN_DEVICE = "unknown_device"
    WRONG_SCHEMA = "wrong_schema"
    TOO_LARGE = "too_large"
    BIRTH = "birth"
    STATE = "state"
    EVENT = "event"
    REPLY = "reply"
    OLD_BOOT = "old_boot"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class BadMessage:
    """A message that was not taken; `payload` holds the first 512 of its bytes."""

    topic: str
    payload: bytes
    reason: str
    kind: BadKind
    device: str = ""
    payload_bytes: int = 0


class BadMessages:
    """The last bad messages; `on_bad` hears of each."""

    def __init__(
        self, counts: Counter[str], on_bad: Callable[[BadMessage], None] | None = None
    ) -> None:
        self.last: deque[BadMessage] = deque(maxlen=_KEPT)
        self._counts = counts
        self._on_bad = on_bad
        self._logged: set[BadKind] = set()

    def keep(
        self, kind: BadKind, topic: str, payload: bytes, reason: str, device: str = ""
    ) -> None:
        """Keep a message."""
        self._counts["bad"] += 1
        self._counts[f"bad_{kind}"] += 1
        message = BadMessage(topic, payload[:_BYTES_KEPT], reason, kind, device, len(payload))
        self.last.append(message)
        if kind not in self._logged:
            self._logged.add(kind)
            _log.warning("bad message on %s, further ones are only counted: %s", topic, reason)
        if self._on_bad is not None:
            self._on_bad(message)

    def keep_replay(self, name: DeviceName, event: DeviceEvent, boot: int) -> None:
        """Keep an event of an earlier boot that the journal has already.

        It is somebody's replay, or its acknowledgement got lost just before the device restarted.
        """
        reason = f"event {event.seq} of boot {event.boot} again, in boot {boot}"
        self.keep(BadKind.REPLAY, name.topic(Channel.EVT), encode_event(event), reason, str(name))

    def keep_old_boot(self, name: DeviceName, event: DeviceEvent, latest: int) -> None:
        """Keep an event of a device that runs with a boot below the latest."""
        reason = (
            f"boot {event.boot} after boot {latest}: its numbers were used before, so nothing is "
            f"taken; if it counts anew: stowline device forget {name.device}"
        )
        self.keep(BadKind.OLD_BOOT, name.topic(Channel.EVT), encode_event(event), reason, str(name))

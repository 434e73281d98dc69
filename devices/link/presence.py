"""What the broker tells others of ourselves."""

from dataclasses import dataclass

from devices.link.message import Birth, DeviceState, encode_birth, encode_state
from devices.link.session import Publication
from devices.link.topic import Channel, DeviceName


@dataclass(frozen=True, slots=True)
class Presence:
    """What we are called on the broker ourselves; `boot` grows with each process."""

    name: DeviceName
    boot: int

    def birth(self) -> Publication:
        """Give what says which boot this is."""
        payload = encode_birth(Birth(self.boot))
        return Publication(self.name.topic(Channel.META), payload, retain=True)

    def state(self, *, online: bool) -> Publication:
        """Give what says whether we are there; the last will says that we are not."""
        payload = encode_state(DeviceState(online, self.boot))
        return Publication(self.name.topic(Channel.STATE), payload, retain=True)

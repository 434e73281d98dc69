"""What devices last said of themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from devices.link.message import SCHEMA, Birth, DeviceState
from devices.link.topic import DeviceName


@dataclass(slots=True)
class DeviceView:
    """Birth and state as they came last, in whichever order."""

    birth: Birth | None = None
    state: DeviceState | None = None

    @property
    def boot(self) -> int | None:
        """The newest boot that is known."""
        boots = [said.boot for said in (self.birth, self.state) if said is not None]
        return max(boots, default=None)

    @property
    def online(self) -> bool | None:
        """Whether the device is there; None where it never said so.

        A last will of an earlier boot says nothing of the one that was born since.
        """
        if self.state is None:
            return None
        if self.birth is not None and self.state.boot < self.birth.boot:
            return True
        return self.state.online

    def speaks(self, boot: int) -> bool:
        """Tell whether the payloads of this boot are ours to read."""
        return self.birth is None or self.birth.boot != boot or self.birth.schema == SCHEMA


class Views:
    """The views of all devices; `came_back` hears of each that is there anew, `on_view` of all."""

    def __init__(
        self,
        came_back: Callable[[DeviceName], None],
        on_view: Callable[[DeviceName, DeviceView], None] | None,
    ) -> None:
        self.devices: dict[DeviceName, DeviceView] = {}
        self._came_back = came_back
        self._on_view = on_view
        self._heard: set[DeviceName] = set()

    def take(self, name: DeviceName, said: Birth | DeviceState) -> None:
        """Take what a device said of itself."""
        view = self.devices.setdefault(name, DeviceView())
        before = (view.online, view.boot)
        if isinstance(said, Birth):
            view.birth = said
        else:
            view.state = said
        # A broker that lost its memory may have lost what was under way to a device that stayed.
        is_new = name not in self._heard or before != (True, view.boot)
        self._heard.add(name)
        if is_new and view.online:
            self._came_back(name)
        if self._on_view is not None:
            self._on_view(name, view)

    def connected(self) -> None:
        """Take the next word of each device for news."""
        self._heard.clear()

"""Which devices of a site the link takes for its own, as the registry said last."""

import asyncpg

from devices.link.client import Whose
from devices.link.topic import DeviceName
from wms.equipment.device import GATEWAY_CLASS


class Roster:
    """The registered devices by name; those over a sorter belong to its gateway."""

    def __init__(self) -> None:
        self._ids: dict[DeviceName, int] = {}
        self._others: frozenset[DeviceName] = frozenset()
        self._rows: list[asyncpg.Record] = []

    def replace(self, rows: list[asyncpg.Record], others: frozenset[DeviceName]) -> bool:
        """Take the registry's word; whether it is another than before."""
        if rows == self._rows and others == self._others:
            return False
        self._rows, self._others = rows, others
        self._ids = {}
        for row in rows:
            try:
                name = DeviceName(row["site"], row["area"], row["class"], row["name"])
            except ValueError:
                continue
            self._ids[name] = row["id"]
        return True

    def whose(self, name: DeviceName) -> Whose:
        """Tell who takes a device's events."""
        if name in self._others or name.device_class == GATEWAY_CLASS:
            return Whose.OTHERS
        return Whose.OURS if name in self._ids else Whose.NOBODYS

    def device_id(self, name: DeviceName) -> int | None:
        """Give a device's row; None where it is not registered."""
        return self._ids.get(name)

"""Cabling: where faults of the network are wanted, a proxy lies before every machine."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from sim.fault import Fault
from sim.proxy import Proxy
from sim.scenario.crew import pick_ports

_NEEDS = frozenset({Fault.NETWORK_CUT, Fault.HALF_OPEN, Fault.SLOW_RESPONSE})


@dataclass(slots=True)
class Cabling:
    """The cables of one day: the sorter's first, then the broker's, then the printers'."""

    host: str
    faults: frozenset[Fault]
    cables: list[Proxy] = field(default_factory=list)
    _planned: list[tuple[Proxy, int]] = field(default_factory=list)

    def behind(self, port: int) -> int:
        """Give the port on which a machine listens that others look for on this one."""
        if not self.faults & _NEEDS:
            return port
        (inner,) = pick_ports(1)
        self._plan(Proxy((self.host, inner)), port)
        return inner

    def before(self, url: str) -> str:
        """Give the URL at which to look for somebody else's server."""
        if not self.faults & _NEEDS:
            return url
        parts = urlsplit(url)
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        (outer,) = pick_ports(1)
        self._plan(Proxy((parts.hostname or self.host, port)), outer)
        user, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}{at}{self.host}:{outer}"))

    def _plan(self, cable: Proxy, port: int) -> None:
        self.cables.append(cable)
        self._planned.append((cable, port))

    async def start(self) -> None:
        """Plug all of them in. Raises: OSError when a port is taken."""
        for cable, port in self._planned:
            await cable.start(self.host, port)

    async def stop(self) -> None:
        """Take all of them out."""
        for cable in self.cables:
            await cable.stop()

"""Ports for servers that a test stops and starts again under the same one."""

import os
from itertools import count

from wms.database.port import is_free

# Below those that the system gives to connections, which would take one between stop and start.
FIRST, PORTS = 20_000, 12_000
# Each process that runs tests begins elsewhere.
_numbers = count(os.getpid() * 101)


def own_port() -> int:
    """A port that nobody has, and that no other test of this process is given for long."""
    return next(port for number in _numbers if is_free(port := FIRST + number % PORTS))

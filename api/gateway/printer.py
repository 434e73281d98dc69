"""A printer as its row describes it, parsed once."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from devices.link.topic import DeviceName

FALLBACK_AFTER_S = 60.0
DPIS = (203, 300, 600)


class Protocol(StrEnum):
    """What a printer is spoken to in: ZPL over TCP, or documents over IPP."""

    ZPL = "zpl"
    IPP = "ipp"


@dataclass(frozen=True, slots=True)
class Printer:
    """A label printer.

    Labels that were not begun go to `fallback` once it has been unable to print, and they have
    waited, for `fallback_after_s`. `path` and `tls` are for IPP.
    """

    device_id: int
    device: DeviceName
    host: str
    port: int
    protocol: Protocol = Protocol.ZPL
    dpi: int = 203
    fallback: str = ""
    fallback_after_s: float = FALLBACK_AFTER_S
    path: str = "/ipp/print"
    tls: bool = False


def read_printer(
    device_id: int, device: DeviceName, host: str, port: int, config: dict[str, Any]
) -> Printer:
    """Give a printer with its settings. Raises: ValueError for a setting that is none."""
    dpi = config.get("dpi", 203)
    if dpi not in DPIS:
        raise ValueError(f"{dpi!r} is no dpi: {', '.join(map(str, DPIS))}")
    after_s = config.get("fallback_after_s", FALLBACK_AFTER_S)
    if isinstance(after_s, bool) or not isinstance(after_s, int | float) or after_s < 0:
        raise ValueError(f"{after_s!r} is no time in seconds")
    fallback = str(config.get("fallback", ""))
    if fallback == device.device:
        raise ValueError("it cannot be its own fallback")
    return Printer(
        device_id,
        device,
        host,
        port,
        Protocol(config.get("protocol", Protocol.ZPL)),
        int(dpi),
        fallback,
        float(after_s),
        str(config.get("path", "/ipp/print")),
        str(config.get("tls", False)).lower() in ("true", "1"),
    )

"""Which format a text is in, and the problem in it."""

from pathlib import Path

from routing.delivery.reader.instance import Rounding, RouteFile
from routing.delivery.reader.li_lim import read_pairs
from routing.delivery.reader.solomon import read_solomon
from routing.delivery.reader.vrplib import read_sections
from routing.line import Lines


def read_text(text: str, name: str, rounding: Rounding | None = None) -> RouteFile:
    """The problem in a text, whose format is told by its first lines; name is for messages.

    rounding: of straight lines; unless said, what the format's published results use.

    Raises: ValueError with the line's number and what was expected there.
    """
    lines = Lines(text, name)
    first = lines.peek()
    if ":" in first:
        return read_sections(lines, name, rounding)
    words = first.split()
    if len(words) == 3 and all(word.replace(".", "", 1).isdigit() for word in words):
        return read_pairs(lines, name, rounding or Rounding.EXACT)
    if lines.second() == "VEHICLE":
        return read_solomon(lines, name, rounding or Rounding.DIMACS)
    lines.take("NAME : …")
    raise lines.refusal(
        "NAME : … (VRPLIB), a name and then VEHICLE (Solomon), or vehicles, capacity and speed"
    )


def read_bytes(data: bytes, name: str, rounding: Rounding | None = None) -> RouteFile:
    """As `read_text`; bytes that are no UTF-8 are taken as Latin-1, as older files are."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return read_text(text, name, rounding)


def read_path(path: Path, rounding: Rounding | None = None) -> RouteFile:
    """As `read_bytes`, from a file."""
    return read_bytes(path.read_bytes(), path.name, rounding)

"""Which format a text is in, and the problem in it."""

from routing.line import Lines
from routing.pick.batch.problem import BatchProblem
from routing.pick.reader.cell import read_cells
from routing.pick.reader.deadline import read_deadlines
from routing.pick.reader.graph import is_next
from routing.pick.reader.kind import TourInput
from routing.pick.reader.trolley import read_trolleys


def read_text(text: str, name: str) -> TourInput | BatchProblem:
    """The problem in a text, whose format is told by its first line; name is for messages.

    Lengths, volumes and weights are the file's, times 1,000: a unit is 1 m, 1 l and 1 kg.

    Raises: ValueError with the line's number and what was expected there.
    """
    lines = Lines(text, name)
    if is_next(lines, "alpha"):
        return read_deadlines(lines)
    if is_next(lines, "NbLocations"):
        return read_trolleys(lines)
    if lines.peek().partition(":")[0].strip() == "NAME":
        return read_cells(lines)
    lines.take("NAME : …, //NbLocations or //alpha as its first line")
    raise lines.refusal("NAME : …, //NbLocations or //alpha as the first line")


def read_bytes(data: bytes, name: str) -> TourInput | BatchProblem:
    """As `read_text`; bytes that are no UTF-8 are taken as Latin-1, as older files are."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return read_text(text, name)

"""What a tour file holds."""

from dataclasses import dataclass

from routing.line import SCALE
from routing.pick.floor.layout import Layout, NodeStop, Stop
from routing.pick.floor.walkway import Walkways


@dataclass(frozen=True, slots=True)
class TourInput:
    """One walk to be planned; a length of the file times scale_mm is the length in mm."""

    floor: Layout | Walkways
    stops: tuple[Stop | NodeStop, ...]
    scale_mm: int = SCALE

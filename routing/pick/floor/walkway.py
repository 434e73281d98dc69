"""Any floor as a graph of walkways."""

from dataclasses import dataclass

from routing.pick.floor.layout import NodeStop, Point, refuse_below


@dataclass(frozen=True, slots=True)
class Arc:
    """A stretch of walkway between two nodes; one_way is walked from a to b only."""

    a: int
    b: int
    length_mm: int
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Walkways:
    """Nodes and the stretches between them. Walks start at a door and end at a drop.

    Without drops a walk ends where it started. points: where each node is, in mm, for pictures;
    empty where nobody knows.

    Raises: ValueError when an arc, a door or a point makes no sense. Nodes that cannot be reached
    are not refused here: they are named where a walk needs them.
    """

    nodes: int
    arcs: tuple[Arc, ...]
    doors: tuple[int, ...]
    drops: tuple[int, ...] = ()
    points: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        refuse_below("nodes", self.nodes, 1)
        if not self.doors:
            raise ValueError("a walk needs a door to start from")
        ends = (*self.doors, *self.drops, *(n for arc in self.arcs for n in (arc.a, arc.b)))
        for node in ends:
            if not 0 <= node < self.nodes:
                raise ValueError(f"node {node} is not one of {self.nodes} nodes")
        for arc in self.arcs:
            refuse_below(f"length_mm from {arc.a} to {arc.b}", arc.length_mm, 0)
        if self.points and len(self.points) != self.nodes:
            raise ValueError(f"points has {len(self.points)} of {self.nodes} nodes")


def refuse_unknown(walkways: Walkways, stops: tuple[NodeStop, ...]) -> None:
    """Every stop is at a node.

    Raises: ValueError naming the first one that is not.
    """
    for stop in stops:
        if stop.node >= walkways.nodes:
            raise ValueError(f"stop at node {stop.node}, but there are {walkways.nodes} nodes")

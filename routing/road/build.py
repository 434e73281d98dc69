"""A network made from an extract, and kept as arrays."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from routing.road.extract import ExtractError, read_extract
from routing.road.graph import Graph, graph_of
from routing.road.hierarchy import TENTHS, Hierarchy, is_driven, make_order
from routing.road.point import Arrays, Ints
from routing.road.profile import Profile
from routing.road.turn import Steps, forbidden_turns, main_part, steps_of, u_turns


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a network is made of.

    nodes, edges, length_m: junctions, and the roads between them, all that were read.
    states, steps: of the part that is searched, limits of turns included.
    turn_limits: limits of turns that hold; turn_limits_left_out: those not understood.
    edges_cut_off, cut_off_m: roads that cannot be both reached and left, and so are not used.
    """

    nodes: int
    edges: int
    length_m: int
    states: int
    steps: int
    turn_limits: int
    turn_limits_left_out: int
    edges_cut_off: int
    cut_off_m: int


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """All that is dear to make.

    order: (S,), in which order the states are contracted.
    scale: how many decimetres a tenth of a second outweighs.
    """

    graph: Graph
    steps: Steps
    order: Ints
    scale: int
    about: About

    def arrays(self) -> Arrays:
        """The network as it is stored."""
        steps = {f"step_{one.name}": getattr(self.steps, one.name) for one in fields(Steps)}
        about = np.array(list(asdict(self.about).values()), np.int64)
        rest = {"order": self.order, "scale": np.array([self.scale]), "about": about}
        return {**self.graph.arrays(), **steps, **rest}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Built":
        """The network as it was stored."""
        steps = Steps(*(arrays[f"step_{one.name}"] for one in fields(Steps)))
        names = [one.name for one in fields(About)]
        about = About(**dict(zip(names, arrays["about"].tolist(), strict=True)))
        graph = Graph.from_arrays(arrays)
        return cls(graph, steps, arrays["order"], int(arrays["scale"][0]), about)


def build(path: Path, profile: Profile) -> Built:
    """The network of an extract's roads for a profile.

    Raises: ExtractError
    """
    extract = read_extract(path, profile)
    graph, node_of = graph_of(extract)
    if not graph.edges:
        raise ExtractError(f"{path}: no road in it that a {profile.name} may drive")
    forbidden, applied, unclear = forbidden_turns(graph, extract, node_of)
    turning = round(profile.u_turn_s * TENTHS)
    dear = u_turns(graph, forbidden, profile.u_turn_s)
    steps = main_part(steps_of(graph, forbidden, dear, turning))
    if not len(steps.arc):
        raise ExtractError(f"{path}: its roads lead nowhere that one could come back from")
    order = make_order(graph.node_points()[steps.node], steps)
    scale = Hierarchy(graph, steps, order).scale()
    cut_off = ~is_driven(steps)
    about = About(
        nodes=int(graph.ends.max()) + 1,
        edges=graph.edges,
        length_m=round(graph.length_m.sum()),
        states=len(steps.node),
        steps=len(steps.arc),
        turn_limits=applied,
        turn_limits_left_out=unclear + extract.limits_left_out,
        edges_cut_off=int(cut_off.sum()),
        cut_off_m=round(graph.length_m[cut_off].sum()),
    )
    return Built(graph, steps, order, scale, about)

"""What a model of many series together says of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.candidate import Candidate

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Offer:
    """Candidates of some rows of a history, ascending."""

    rows: Places
    candidates: tuple[Candidate, ...] = ()

    def among(self, rows: Places) -> Offer:
        """Answer the same of those of some rows, ascending, that it speaks of, counted in them."""
        if not len(self.rows) or not len(rows):
            return Offer(np.zeros(0, np.intp))
        at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        mine = self.rows[at] == rows
        at = at[mine]
        return Offer(
            np.flatnonzero(mine),
            tuple(_taken(candidate, at) for candidate in self.candidates),
        )


def spread(offers: Sequence[Offer], n: int) -> tuple[Candidate, ...]:
    """Answer each candidate once for all n series, without a forecast in rows nobody speaks of."""
    found: dict[str, list[tuple[Places, Candidate]]] = {}
    for offer in offers:
        for candidate in offer.candidates if len(offer.rows) else ():
            found.setdefault(candidate.name, []).append((offer.rows, candidate))
    return tuple(_spread(parts, n) for parts in found.values())


def _spread(parts: list[tuple[Places, Candidate]], n: int) -> Candidate:
    first = parts[0][1]
    past = np.full((n, first.past.shape[1]), np.nan)
    mean, ahead = np.zeros((n, first.mean.shape[1])), np.zeros(n)
    single = None if first.single is None else np.full((n, first.single.shape[1]), np.nan)
    for rows, part in parts:
        past[rows], mean[rows], ahead[rows] = part.past, part.mean, part.ahead
        if single is not None and part.single is not None:
            single[rows] = part.single
    return Candidate(first.name, first.complexity, past, mean, ahead, single)


def _taken(candidate: Candidate, at: Places) -> Candidate:
    return replace(
        candidate,
        past=candidate.past[at],
        mean=candidate.mean[at],
        ahead=candidate.ahead[at],
        single=None if candidate.single is None else candidate.single[at],
    )

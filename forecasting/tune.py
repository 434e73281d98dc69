"""The choice between models: a simpler one stays unless a more complex one clearly wins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest import Allowed
from forecasting.candidate import Candidate
from forecasting.demand_class import DemandClass

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

#: what each step of complexity must win
MARGIN = 0.02
#: the levels at which errors are priced, and where they lie in spreads above a mean forecast of
#: skewed demand: the same for every model, so that a biased one pays for its bias
LEVELS = np.array([0.5, 0.9, 0.95, 0.99])
PLACES = np.array([-0.15, 1.2, 1.8, 3.0])
#: how many protection intervals of a series' own the class' losses count for
TRUST = 16.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate (n,) each series takes, and why, in words."""

    index: Codes
    reason: tuple[str, ...]


def choose(
    candidates: Sequence[Candidate],
    actual: Floats,
    codes: Codes,
    protection: int,
    allowed: Allowed | None = None,
) -> Choice:
    """Choose for each series by pinball loss of the interval's sum at its past origins.

    A candidate must win by MARGIN over a simpler one, each step of complexity. One that has no
    forecast of some origin is priced there as the simplest; one that saved no stock when its
    class was tried is left out. actual: (n, o), nan where unknown.
    """
    order = sorted(range(len(candidates)), key=lambda i: candidates[i].complexity)
    known = ~np.isnan(actual)
    loss = losses([candidates[i] for i in order], np.where(known, actual, 0.0), known)
    steps = np.array([candidates[i].complexity for i in order]) - candidates[order[0]].complexity
    ratio = shrunk(loss, codes, known.sum(axis=1), TRUST * protection)
    names = [candidates[i].name for i in order]
    price = ratio * (1.0 + MARGIN * steps)[:, None]
    if allowed is not None:
        price[~_passed(allowed, names)[:, codes]] = np.inf
    # argmin takes the first of equals: with nothing known, the simplest.
    best = price.argmin(axis=0)
    index = np.array(order, np.int8)[best]
    saved = 1.0 - np.take_along_axis(ratio, best[None], axis=0)[0] / ratio[0]
    return Choice(index, _reasons(names, best, saved, codes, allowed))


def losses(candidates: Sequence[Candidate], actual: Floats, known: NDArray[np.bool_]) -> Floats:
    """Answer each candidate's summed pinball loss (c, n) over the known origins."""
    base = np.where(known, actual - candidates[0].past, 0.0)
    errors = []
    for candidate in candidates:
        error = actual - candidate.past
        blank = np.isnan(error)
        if blank.any():
            error[blank] = base[blank]
        error *= known
        errors.append(error)
    count = known.sum(axis=1)
    square = np.stack([np.square(error).sum(axis=1) for error in errors])
    spread = np.sqrt(square.min(axis=0) / np.maximum(count, 1))
    answer = np.empty((len(errors), len(actual)))
    bars = [(place * spread)[:, None] * known for place in PLACES]
    for i, error in enumerate(errors):
        # pinball(e - bar) = level * (e - bar) + max(bar - e, 0)
        total = LEVELS.sum() * error.sum(axis=1) - (LEVELS @ PLACES) * spread * count
        for bar in bars:
            total += np.maximum(bar - error, 0.0).sum(axis=1)
        answer[i] = total
    return answer


def shrunk(loss: Floats, codes: Codes, count: NDArray[np.intp], weight: float) -> Floats:
    """Answer losses (g, n) in units of a series' mean one, shrunk to the class' mean of them.

    So a short history does not choose by chance. count: (n,) how many errors a loss is of;
    weight: how many the class' counts for.
    """
    unit = loss.mean(axis=0)
    ratio = (loss + 1e-12) / (unit + 1e-12)
    common = np.ones_like(ratio)
    for code in DemandClass:
        rows = codes == code
        told = rows & (unit > 0)
        if told.any():
            common[:, rows] = ratio[:, told].mean(axis=1, keepdims=True)
    answer: Floats = (ratio * count + common * weight) / (count + weight)
    return answer


def _reasons(
    names: list[str], best: NDArray[np.intp], saved: Floats, codes: Codes, allowed: Allowed | None
) -> tuple[str, ...]:
    percent = np.rint(100.0 * saved).astype(np.int64)
    keys = list(zip(best.tolist(), percent.tolist(), codes.tolist(), strict=True))
    words = {
        key: _words(names[0], names[key[0]], key[1])
        + (_tried(allowed, names[key[0]], key[2]) if key[0] else "")
        for key in set(keys)
    }
    return tuple(words[key] for key in keys)


def _words(base: str, name: str, gain: int) -> str:
    if name == base:
        return f"{base}: no other model wins by {MARGIN:.0%}"
    return f"{name}: {gain} % less loss than {base} on the protection interval"


def _passed(allowed: Allowed, names: list[str]) -> NDArray[np.bool_]:
    """Answer which may be chosen (c, classes): the simplest and those never tried always."""
    answer = np.ones((len(names), len(DemandClass)), np.bool_)
    for i, name in enumerate(names[1:], 1):
        if name in allowed.names:
            answer[i] = allowed.table[:, allowed.names.index(name)]
    return answer


def _tried(allowed: Allowed | None, name: str, code: int) -> str:
    if allowed is None or name not in allowed.names:
        return ""
    words = allowed.reason(code, allowed.names.index(name))
    return f", {words}" if words else ""

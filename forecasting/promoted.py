"""Items that drivers move: forecasts by what those do to all of them.

The ridge of `driver` is always offered. With LightGBM installed a model of what the ridge leaves
of the protection interval's sum is offered too, each past origin foreseen by a model that knew
only what came before it, where it wins.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecasting.booster import Booster, installed
from forecasting.candidate import SINGLES, Candidate, sums
from forecasting.driver import fit_drivers, learn_drivers
from forecasting.history import History
from forecasting.lift import lifted
from forecasting.offer import Offer
from forecasting.request import Request
from forecasting.table import LEAST, LIMIT, Table, asked, blocks, table_of

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

NAME = "lightgbm"
COMPLEXITY = 6
#: shares of the history after which a model is learnt anew, and the last of them
CUTS, TRIAL = (0.5,), 0.75
#: share of all series' past errors that the more complex model must save to be offered
MARGIN = 0.02


def fit_promoted(
    history: History, request: Request, at: Places, boost: bool | None = None
) -> Offer:
    """Answer a candidate of the ridge, and where LightGBM is installed what it adds to that.

    history: series that drivers move. at: (o,) past origins, ascending. boost: False for none of
    LightGBM.
    """
    rows = np.arange(len(history.series))
    drivers = learn_drivers(history, request)
    if drivers is None:
        return Offer(rows)
    done = at[at + request.protection <= history.shape[1]]
    demand = asked(history)
    actual = sums(demand, done, request.protection)
    plain = fit_drivers(history, request, at, drivers)
    ridge = lifted(plain, actual, history.demand)
    if not (installed() if boost is None else boost):
        return Offer(rows, (ridge,))
    table = table_of(history, request, drivers)
    if len(table.origins) < 2 or len(table.origins) * len(table.actual) < LEAST:
        return Offer(rows, (ridge,))
    factor = np.full(table.past.shape, np.nan)
    with Booster() as booster:
        found: tuple[Candidate, ...] = (ridge,)
        if _improve(booster, table, factor):
            found = (ridge, lifted(_boosted(table, factor, plain, at), actual, history.demand))
    return Offer(rows, found)


def _improve(booster: Booster, table: Table, factor: Floats) -> bool:
    """Write the corrections of all origins if they win over the latest; answer whether."""
    # The last stretch of the past decides at a third of the cost whether it is worth it.
    _correct(booster, table, factor, TRIAL, 1.0)
    if not _wins(factor, table):
        return False
    for start, stop in pairwise((*CUTS, TRIAL)):
        _correct(booster, table, factor, start, stop)
    _correct(booster, table, factor, 1.0, None)
    return True


def _wins(factor: Floats, table: Table) -> bool:
    """Answer whether the errors of all series together fall by the margin at least.

    factor: (n, e) log of the correction where one was made; every series counts the same.
    """
    known = np.isfinite(factor) & np.isfinite(table.past) & np.isfinite(table.actual)
    if not known.any():
        return False
    usual = np.where(known, table.actual, 0.0).sum(axis=1, keepdims=True)
    weight = np.divide(1.0, usual, out=np.zeros_like(usual), where=usual > 0)
    old = np.where(known, np.abs(table.past - table.actual), 0.0)
    new = np.where(known, np.abs(table.corrected(factor) - table.actual), 0.0)
    return float((new * weight).sum()) < (1.0 - MARGIN) * float((old * weight).sum())


def _correct(
    booster: Booster, table: Table, factor: Floats, start: float, stop: float | None
) -> None:
    """Learn from what was known at a share of the past, and write corrections up to another."""
    cut = table.cut(start)
    until = table.cut(1.0) + 1 if stop is None else table.cut(stop)
    places = np.flatnonzero((table.origins >= cut) & (table.origins < until))
    lesson = table.lesson(cut)
    if len(lesson[0]) < LEAST or not len(places):
        return
    booster.learn(*lesson, (None,))
    for rows in blocks(len(table.past)):
        log = booster.answer(table.rows(rows, places))[:, 0]
        factor[rows, places[0] : places[-1] + 1] = log.reshape(-1, len(places))


def _boosted(table: Table, factor: Floats, plain: Candidate, at: Places) -> Candidate:
    """Answer the ridge's candidate with its corrections (n, e)."""
    first = int(table.origins[0])
    value = table.corrected(factor)
    past = np.full((len(value), len(at)), np.nan)
    inside = at >= first
    past[:, inside] = value[:, at[inside] - first]
    ahead = np.where(np.isfinite(value[:, -1]), value[:, -1], plain.ahead)
    # The course over the horizon is the ridge's, moved as its sum was.
    moved = np.divide(ahead, plain.ahead, out=np.ones_like(ahead), where=plain.ahead > 0)
    moved = np.clip(moved, np.exp(-LIMIT), np.exp(LIMIT))
    changed = np.divide(past, plain.past, out=np.ones_like(past), where=plain.past > 0)
    single = plain.singles(table.protection) * changed[:, -SINGLES:]
    return Candidate(NAME, COMPLEXITY, past, plain.mean * moved[:, None], ahead, single)

"""Drivers of any name as columns of a regression on the logarithm of demand."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from forecasting.history import History

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: most distinct whole numbers that are taken for codes, one column each
CODES = 5
#: most terms whose products two by two are columns as well
PAIRED = 4
#: most terms of which the period before and after are columns as well
SHIFTED = 12
#: at a value that silences demand, this share of known periods has none
SILENT = 0.98


class Kind(StrEnum):
    """How a driver acts on the logarithm of demand."""

    #: between off and on: a promotion, a holiday, a share of shops advertised in
    FLAG = "flag"
    #: one value of a code
    CODE = "code"
    #: the logarithm of its ratio to what is usual: a price
    RATIO = "ratio"
    #: its distance from what is usual: a temperature
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Term:
    """One driver seen one way: its lowest value or the code it stands for, and its span."""

    driver: str
    kind: Kind
    low: float
    span: float

    def of(self, values: Floats, past: int) -> Floats:
        """Answer (n, t) this term of a driver without gaps; usual is the median of the past."""
        if self.kind is Kind.CODE:
            return np.asarray(values == self.low, np.float64)
        if self.kind is Kind.FLAG:
            share: Floats = (values - self.low) / self.span
            return share
        shown = np.log(np.maximum(values, self.low)) if self.kind is Kind.RATIO else values
        answer: Floats = (shown - np.median(shown[:, :past], axis=1, keepdims=True)) / self.span
        return answer


@dataclass(frozen=True, slots=True)
class Column:
    """A term or the product of two, `shift` periods earlier, or the mean over all series."""

    terms: tuple[int, ...]
    shift: int = 0
    #: which row of the design's paths, when it is the mean over all series
    path: int | None = None


@dataclass(frozen=True, slots=True)
class Design:
    """How the drivers of a history become k columns; learnt once, used for every series.

    paths: (p, t + reach), means over series. scale: (k,). season: the length of the season
    whose phases are columns, 1 for none. silent: drivers' values at which nothing is sold.
    """

    terms: tuple[Term, ...]
    columns: tuple[Column, ...]
    paths: Floats
    scale: Floats
    season: int
    silent: tuple[tuple[str, float], ...]

    def matrix(self, history: History, reach: int, still: frozenset[str] | None = None) -> Floats:
        """Answer (n, t + reach, k); drivers that are `still`, or not known ahead, are as usual.

        The means over all series are as usual only when all drivers are still.
        """
        held = still or frozenset()
        values = _terms(self.terms, history, reach, held)
        quiet = all(term.driver in held for term in self.terms)
        n, past = history.shape
        width = past + reach
        phases = self.season if self.season > 1 else 0
        answer = np.empty((n, width, len(self.columns) + phases))
        for at, column in enumerate(self.columns):
            answer[:, :, at] = self._column(column, values, quiet)
        for phase in range(phases):
            answer[:, :, len(self.columns) + phase] = np.arange(width) % phases == phase
        scaled: Floats = answer / self.scale
        return scaled

    def _column(self, column: Column, values: list[Floats], quiet: bool) -> Floats:
        if column.path is not None:
            path = self.paths[column.path]
            row: Floats = path[None]
            return np.full_like(row, path.mean()) if quiet else row
        product = values[column.terms[0]]
        for term in column.terms[1:]:
            product = product * values[term]
        return shifted(product, column.shift)

    def shown(self, history: History, reach: int) -> list[Floats]:
        """Answer each term's (n, t + reach), without products and shifts."""
        return _terms(self.terms, history, reach, frozenset())

    def silenced(self, history: History, reach: int) -> Flags:
        """Answer (n, t + reach) True where closed, or where a driver lets nothing be sold."""
        n, past = history.shape
        answer = np.zeros((n, past + reach), np.bool_)
        if history.open is not None:
            width = min(history.open.shape[1], past + reach)
            answer[:, :width] = ~history.open[:, :width]
        for name, value in self.silent:
            if name in history.drivers:
                known = history.drivers[name][:, : past + reach]
                answer[:, : known.shape[1]] |= known == value
        return answer


def learn(history: History, reach: int, season: int, rows: NDArray[np.intp]) -> Design:
    """Find how to see the drivers, from the series of `rows`; constant ones are left out."""
    seen = history.take(rows)
    silent = tuple(_silent(seen))
    terms = tuple(term for name in sorted(seen.drivers) for term in _kinds(name, seen))
    values = _terms(terms, seen, reach, frozenset())
    past = seen.shape[1]
    columns, paths = _columns(terms, values, past)
    phases = season if 2 <= season <= 12 and past >= 2 * season else 1
    blank = Design(terms, columns, paths, np.ones(1), phases, silent)
    if not terms:
        return blank
    matrix = blank.matrix(seen, reach)[:, :past]
    scale = matrix.reshape(-1, matrix.shape[2]).std(axis=0)
    return Design(terms, columns, paths, np.where(scale > 1e-9, scale, 1.0), phases, silent)


def shifted(values: Floats, by: int) -> Floats:
    """Answer values `by` periods earlier, the first or last one held at the edge."""
    if not by:
        return values
    at = np.clip(np.arange(values.shape[1]) - by, 0, values.shape[1] - 1)
    answer: Floats = values[:, at]
    return answer


def filled(values: Floats) -> Floats:
    """Answer values with each gap as the value before it, or the first after; 0 if all is gap."""
    known = np.isfinite(values)
    if known.all():
        return values
    place = np.where(known, np.arange(values.shape[1]), -1)
    before = np.maximum.accumulate(place, axis=1)
    first = np.where(known.any(axis=1), known.argmax(axis=1), 0)
    at = np.where(before >= 0, before, first[:, None])
    answer: Floats = np.nan_to_num(
        np.take_along_axis(values, at, axis=1), nan=0.0, posinf=0.0, neginf=0.0
    )
    return answer


def _terms(
    terms: tuple[Term, ...], history: History, reach: int, still: frozenset[str]
) -> list[Floats]:
    """Answer each term's (n, t + reach)."""
    n, past = history.shape
    width = past + reach
    answer = []
    for term in terms:
        raw = np.full((n, width), np.nan)
        given = history.drivers.get(term.driver)
        if given is not None:
            raw[:, : given.shape[1]] = given[:, :width]
        value = term.of(filled(raw), past)
        usual = np.median(value[:, :past], axis=1, keepdims=True)
        unknown = ~np.isfinite(raw)
        unknown[:, :past] = False
        answer.append(np.where(unknown | (term.driver in still), usual, value))
    return answer


def _kinds(name: str, history: History) -> Iterator[Term]:
    past = history.shape[1]
    known = history.drivers[name][:, :past]
    values = np.unique(known[np.isfinite(known)])
    if len(values) < 2:
        return
    low, high = float(values[0]), float(values[-1])
    if len(values) == 2 or (low == 0.0 and high <= 1.0):
        yield Term(name, Kind.FLAG, low, high - low)
    elif len(values) <= CODES and np.all(values == np.round(values)):
        counts = [int((known == value).sum()) for value in values]
        for value in np.delete(values, int(np.argmax(counts))):
            yield Term(name, Kind.CODE, float(value), 1.0)
    elif low > 0.0:
        yield Term(name, Kind.RATIO, low, 1.0)
    else:
        yield Term(name, Kind.NUMBER, low, float(np.nanstd(known)) or 1.0)


def _columns(
    terms: tuple[Term, ...], values: list[Floats], past: int
) -> tuple[tuple[Column, ...], Floats]:
    columns = [Column((i,)) for i in range(len(terms))]
    for i, term in enumerate(terms if len(terms) <= SHIFTED else ()):
        if term.kind in (Kind.FLAG, Kind.CODE):
            columns += [Column((i,), 1), Column((i,), -1)]
    if len(terms) <= PAIRED:
        columns += [
            Column((i, j))
            for i, j in combinations(range(len(terms)), 2)
            if terms[i].driver != terms[j].driver
        ]
    paths: list[Floats] = []
    for i, value in enumerate(values):
        own = value[:, :past].var(axis=0).mean()
        if len(value) >= 20 and own > 0.05 * value[:, :past].var():
            columns.append(Column((i,), 0, len(paths)))
            paths.append(value.mean(axis=0))
    width = values[0].shape[1] if values else past
    return tuple(columns), np.array(paths).reshape(len(paths), width)


def _silent(history: History) -> Iterator[tuple[str, float]]:
    """Find values of drivers, such as a shop that is closed, at which demand is always zero."""
    known = np.isfinite(history.demand)
    sold = known & (history.demand > 0)
    for name in sorted(history.drivers):
        driver = history.drivers[name][:, : history.shape[1]]
        values = np.unique(driver[np.isfinite(driver)])
        for value in values[: CODES + 1] if 2 <= len(values) <= CODES else ():
            at = known & (driver == value)
            rest = known & ~at
            if at.sum() < 20 or not rest.any():
                continue
            if sold[at].mean() <= 1.0 - SILENT and sold[rest].mean() >= 0.5:
                yield name, float(value)

"""A forecast in a file, with all that moves it on when later periods come."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from forecasting.demand_class import DemandClass
from forecasting.distribution import Distribution
from forecasting.error import Fault, FileRefused
from forecasting.fit import KERNELS, MEMORY, PARAMETERS
from forecasting.flag import Flag
from forecasting.history import Frequency, following
from forecasting.request import Request
from forecasting.result import Forecast, Quantiles
from forecasting.state import State

Arrays = Mapping[str, NDArray[Any]]

FORMAT, VERSION = "stowline forecast state", 1
ENDING = ".npz"
#: numbers a series has in each array, as letters that must mean the same in all: n series, h
#: periods ahead, k and l levels, s rows with a season of m phases, r periods known to be open
SHAPES = {
    "mean": "nh",
    "quantiles": "nhk",
    "levels": "l",
    "interval_mean": "n",
    "interval": "nl",
    "demand_class": "n",
    "kernel": "n",
    "parameters": "np",
    "memory": "nw",
    "count": "n",
    "rows": "s",
    "prior": "sm",
    "seen": "sm",
    "due": "sm",
    "season_level": "s",
    "weight": "s",
    "stand_in": "n",
    "open": "nr",
}
TEXTS = ("series", "model", "reason", "flags")
#: what reading a file that is none of ours, or is damaged, may raise
BROKEN = (
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Archive:
    """A forecast, and how its history was read."""

    forecast: Forecast
    #: whether a period without a row was one without an order; else it was unknown
    zeros: bool
    #: whether its protection interval was asked for
    protected: bool
    #: (n, r) what was known of the periods ahead: False is closed; None: all are open
    open: NDArray[np.bool_] | None = None


def write_archive(archive: Archive, path: Path) -> None:
    """Writes a file that `read_archive` reads; the same forecast is the same file."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **_arrays(archive))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_archive(path: Path) -> Archive:
    """What `write_archive` wrote.

    Raises:
        FileRefused: it is another file, damaged, or of another version.
        OSError: it cannot be read.
    """
    expected = "a state as --state writes it"
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile) or "head" not in file:
                raise FileRefused(path.name, [Fault("the file", expected)])
            head = json.loads(file["head"].tobytes())
            if head["format"] != FORMAT:
                raise FileRefused(path.name, [Fault("the file", expected)])
            if head["version"] != VERSION:
                found = f"{head['version']}; forecast the whole history anew"
                raise FileRefused(path.name, [Fault("its version", str(VERSION), found)])
            return _archive(head, {name: file[name] for name in file if name != "head"})
    except BROKEN as error:
        raise FileRefused(
            path.name, [Fault("the file", expected, "another or a damaged one")]
        ) from error


def _arrays(archive: Archive) -> dict[str, NDArray[Any]]:
    found = archive.forecast
    state, request = found.state, found.request
    opened = archive.open
    head = {
        "format": FORMAT,
        "version": VERSION,
        "horizon": request.horizon,
        "protection": request.protection,
        "quantiles": request.quantiles,
        "season": request.season,
        "target": request.target,
        "frequency": state.frequency.value,
        "last": str(state.last),
        "phases": state.season,
        "zeros": archive.zeros,
        "protected": archive.protected,
        "closures": opened is not None,
    }
    arrays: dict[str, NDArray[Any]] = {
        "head": np.frombuffer(json.dumps(head).encode(), np.uint8),
        "mean": found.mean,
        "quantiles": found.quantiles.values,
        "levels": found.protection.levels,
        "interval_mean": found.protection.mean,
        "interval": found.protection.values,
        "demand_class": found.demand_class,
        "kernel": state.kernel,
        "parameters": state.parameters,
        "memory": state.memory,
        "count": state.count,
        "rows": state.rows.astype(np.int64),
        "prior": state.prior,
        "seen": state.seen,
        "due": state.due,
        "season_level": state.level,
        "weight": state.weight,
        "stand_in": state.stand_in,
        "open": np.ones((len(found.series), 0), np.bool_) if opened is None else opened,
    }
    flags = [" ".join(sorted(each)) for each in found.flags]
    for name, texts in zip(TEXTS, (found.series, found.model, found.reason, flags), strict=True):
        arrays |= _packed(name, texts)
    return arrays


def _archive(head: Mapping[str, Any], arrays: Arrays) -> Archive:
    """Raises: one of BROKEN where something does not fit."""
    _check(arrays)
    n, horizon = arrays["mean"].shape
    series, model, reason, flags = (_unpacked(name, arrays, n) for name in TEXTS)
    if len(set(series)) != n:
        raise ValueError("a series stands there twice")
    season = head["season"]
    request = Request(
        int(head["horizon"]),
        int(head["protection"]),
        tuple(map(float, head["quantiles"])),
        None if season is None else int(season),
        None if head["target"] is None else float(head["target"]),
    )
    state = _state(head, arrays)
    if horizon != request.horizon or arrays["quantiles"].shape[2] != len(request.quantiles):
        raise ValueError("the forecast is not what was asked for")
    forecast = Forecast(
        request=request,
        series=series,
        starts=following(np.array([state.last]), state.frequency, horizon),
        mean=arrays["mean"],
        quantiles=Quantiles(np.array(request.quantiles), arrays["quantiles"]),
        protection=Distribution(arrays["interval_mean"], arrays["levels"], arrays["interval"]),
        demand_class=arrays["demand_class"],
        model=model,
        reason=reason,
        flags=tuple(frozenset(map(Flag, text.split())) for text in flags),
        state=state,
    )
    opened = arrays["open"] if head["closures"] else None
    return Archive(forecast, bool(head["zeros"]), bool(head["protected"]), opened)


def _state(head: Mapping[str, Any], arrays: Arrays) -> State:
    season = int(head["phases"])
    if season < 1 or arrays["prior"].shape[1] != season:
        raise ValueError("the season is not that of its factors")
    last = np.datetime64(str(head["last"]), "D")
    if np.isnat(last):
        raise ValueError("the last period has no day")
    return State(
        frequency=Frequency(head["frequency"]),
        last=last,
        season=season,
        kernel=arrays["kernel"],
        parameters=arrays["parameters"],
        memory=arrays["memory"],
        count=arrays["count"],
        rows=arrays["rows"].astype(np.intp),
        prior=arrays["prior"],
        seen=arrays["seen"],
        due=arrays["due"],
        level=arrays["season_level"],
        weight=arrays["weight"],
        stand_in=arrays["stand_in"],
    )


def _check(arrays: Arrays) -> None:
    """Refuses arrays of wrong types and sizes, and figures that cannot be."""
    sizes = {"p": PARAMETERS, "w": MEMORY}
    kinds = {"demand_class": "int8", "kernel": "int8", "rows": "int64"}
    kinds |= {"stand_in": "bool", "open": "bool"}
    for name, letters in SHAPES.items():
        array = arrays[name]
        if array.dtype != np.dtype(kinds.get(name, "float64")) or array.ndim != len(letters):
            raise ValueError(f"{name} is of another type")
        for letter, size in zip(letters, array.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ValueError(f"{name} is of another size")
        if array.dtype == np.float64 and not np.isfinite(array).all():
            raise ValueError(f"{name} is not finite")
    rows, n = arrays["rows"], sizes["n"]
    ascending = (np.diff(rows) > 0).all() and (rows >= 0).all() and (rows < n).all()
    codes = np.isin(arrays["kernel"], np.arange(len(KERNELS))).all()
    classes = np.isin(arrays["demand_class"], [code.value for code in DemandClass]).all()
    quantiles = arrays["quantiles"]
    if not (n and ascending and codes and classes and (quantiles >= 0).all()):
        raise ValueError("a figure is out of its range")
    if (np.diff(quantiles, axis=2) < 0).any() or (arrays["mean"] < 0).any():
        raise ValueError("a figure is out of its range")


def _packed(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Texts as bytes: each distinct one once, how long it is, and which each row has."""
    place = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    encoded = [text.encode("utf-8") for text in place]
    return {
        f"{name}_text": np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}_size": np.array([len(text) for text in encoded], np.int64),
        f"{name}_code": np.array([place[text] for text in texts], np.int64),
    }


def _unpacked(name: str, arrays: Arrays, n: int) -> tuple[str, ...]:
    text, size, code = (arrays[f"{name}_{part}"] for part in ("text", "size", "code"))
    if code.shape != (n,) or (size < 0).any() or size.sum() != text.size or (code < 0).any():
        raise ValueError(f"{name} are not a text for each series")
    whole = text.astype(np.uint8).tobytes()
    ends = np.cumsum(size)
    pairs = zip((ends - size).tolist(), ends.tolist(), strict=True)
    distinct = [whole[start:stop].decode("utf-8") for start, stop in pairs]
    return tuple(distinct[at] for at in code.tolist())

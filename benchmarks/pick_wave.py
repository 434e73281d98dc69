"""Waves of the wave picking challenge of SBPO 2025, against the best objectives published."""

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from routing.effort import Clock, Effort
from routing.pick.wave.audit import audit_choice
from routing.pick.wave.planner import choose_wave
from routing.pick.wave.problem import WaveProblem
from routing.pick.wave.reader import read_wave

__all__ = ["measure", "rows"]

MEAN_WANTED = {10.0: 0.995, 60.0: 1.0}
EACH_WANTED = 0.99


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Each limit of processor time in turn; the longest gives `wave_ratio` and `waves`."""
    runs = [
        choose_all(options.data / "waves", seconds, options.seeds)
        for seconds in sorted(options.wave_seconds)
    ]
    return {
        "wave_ratio": runs[-1]["mean_ratio"],
        "waves": runs[-1]["instances"],
        "wave_limits": runs,
    }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures for people; nothing when this part did not run."""
    return [row for run in result.get("wave_limits", []) for row in rows_of(run)]


def choose_all(
    directory: Path, seconds: float, seeds: Sequence[int], names: Sequence[str] = ()
) -> dict[str, Any]:
    """A row an instance and seed, and the mean of objective ÷ best.

    seconds: of the processor, reading included. names: only these instances. warm_up_s: what
    compiling or loading what was compiled has taken beforehand.
    """
    best = _best(directory)
    warm_up_s = _warm_up()
    found = [
        _instance(directory / name, best[name], seconds, seed)
        for name in sorted(names or best)
        for seed in seeds
    ]
    ratios = [row["ratio"] for row in found]
    return {
        "instances": found,
        "seconds": seconds,
        "seeds": list(seeds),
        "warm_up_s": round(warm_up_s, 2),
        "mean_ratio": round(fmean(ratios), 6),
        "mean_ratio_wanted": MEAN_WANTED.get(seconds),
        "least_ratio": round(min(ratios), 6),
        "least_ratio_wanted": EACH_WANTED,
        "faults": sum(row["audit"] != "holds" for row in found),
        "proven": sum(row["proven"] for row in found),
    }


def rows_of(result: dict[str, Any]) -> list[tuple[str, str]]:
    """One limit's result for people."""
    lines = [(f"{row['file']} seed {row['seed']}", _told(row)) for row in result["instances"]]
    wanted = result["mean_ratio_wanted"]
    return [
        (f"waves at {result['seconds']:g} s", ""),
        *lines,
        ("mean", f"{result['mean_ratio']:.4f}" + (f" (wanted ≥ {wanted})" if wanted else "")),
        ("least", f"{result['least_ratio']:.4f} (wanted ≥ {EACH_WANTED})"),
        ("proven optimal", f"{result['proven']} of {len(lines)}"),
        ("choices that break a rule", str(result["faults"])),
        ("warm-up", f"{result['warm_up_s']} s"),
    ]


def _told(row: dict[str, Any]) -> str:
    bound = f"{row['bound']:.4f}{' proven' if row['proven'] else ''}"
    return (
        f"{row['objective']:.4f} of {row['best']:.4f}: {row['ratio']:.4f}, bound {bound}, "
        f"{row['orders']} orders, {row['aisles']} aisles, {row['cpu_seconds']} s, {row['audit']}"
    )


def _best(directory: Path) -> dict[str, float]:
    with (directory / "best_objectives.csv").open(newline="") as file:
        return {row["instance"]: float(row["best_objective"]) for row in csv.DictReader(file)}


def _warm_up() -> float:
    """Compiles all that a search runs; from then on it is cached."""
    began_s = time.process_time()
    orders = (((0, 1), (1, 2)), ((1, 1),), ((2, 1), (0, 1)), ((2, 2),))
    aisles = (((0, 2),), ((1, 2), (2, 1)), ((2, 2),), ((1, 1),))
    choose_wave(WaveProblem(orders, aisles, 1, 5), Effort(iterations=500))
    return time.process_time() - began_s


def _instance(path: Path, best: float, seconds: float, seed: int) -> dict[str, Any]:
    began_s = time.process_time()
    problem = read_wave(path.read_text())
    rest_s = max(0.0, seconds - (time.process_time() - began_s))
    choice = choose_wave(problem, Effort(seed=seed, seconds=rest_s, clock=Clock.CPU))
    cpu_seconds = time.process_time() - began_s
    faults = audit_choice(problem, choice)
    return {
        "file": path.name,
        "seed": seed,
        "best": best,
        "objective": choice.objective,
        "ratio": choice.objective / best,
        "bound": choice.bound,
        "proven": choice.optimal,
        "method": choice.method,
        "aisles": len(choice.aisles),
        "orders": len(choice.orders),
        "cpu_seconds": round(cpu_seconds, 2),
        "audit": faults[0] if faults else "holds",
    }


if __name__ == "__main__":
    numbers = [f"instance_{int(number):04}.txt" for number in sys.argv[3:]]
    for name, value in rows_of(choose_all(Path(sys.argv[1]), float(sys.argv[2]), (1,), numbers)):
        print(f"{name:28} {value}")

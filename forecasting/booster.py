"""A LightGBM model in a process of its own, so that its weight ends with it."""

import pickle
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

#: shallow and slow, so that little is learnt by heart; one thread and fixed seeds repeat exactly
SETTING: dict[str, object] = {
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "lambda_l2": 10.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbosity": -1,
}
ROUNDS = 120


class BoosterError(RuntimeError):
    """The process of the model ended before it answered."""


def installed() -> bool:
    """Answer whether LightGBM can be had, without importing it."""
    return find_spec("lightgbm") is not None


class Booster:
    """A child process that learns models and answers with them; a context manager."""

    def __enter__(self) -> Self:
        """Start the process."""
        begin = f"import sys; sys.path[:0] = {[entry or str(Path.cwd()) for entry in sys.path]!r}\n"
        self._child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                begin + "from forecasting.booster import serve; serve()",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        if kind is not None:
            self._child.kill()
        self._child.communicate()

    def learn(self, rows: Singles, target: Singles, levels: tuple[float | None, ...]) -> None:
        """Learn one model of (r, f) rows a level: a quantile, or the mean for None."""
        self._ask(("learn", rows, target, levels))

    def answer(self, rows: Singles) -> Floats:
        """Answer (r, levels) for rows, by the models learnt last."""
        return cast(Floats, self._ask(("answer", rows)))

    def _ask(self, question: object) -> object:
        child = self._child
        assert child.stdin is not None and child.stdout is not None
        try:
            pickle.dump(question, child.stdin, pickle.HIGHEST_PROTOCOL)
            child.stdin.flush()
            return pickle.load(child.stdout)
        except (BrokenPipeError, EOFError) as error:
            raise BoosterError(f"LightGBM's process ended with {child.wait()}") from error


def serve() -> None:
    """Learn and answer over standard input and output until the input ends."""
    # Whatever is printed must not fall between the answers.
    answers, sys.stdout = cast(BinaryIO, sys.stdout.buffer), sys.stderr
    lightgbm = import_module("lightgbm")
    models: list[Any] = []
    while True:
        try:
            verb, rows, *rest = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        reply: object = None
        if verb == "learn":
            target, levels = rest
            data = lightgbm.Dataset(rows, target, free_raw_data=False)
            models = [lightgbm.train(_setting(level), data, ROUNDS) for level in levels]
        else:
            reply = np.stack([np.asarray(model.predict(rows)) for model in models], axis=1)
        pickle.dump(reply, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _setting(level: float | None) -> dict[str, object]:
    if level is None:
        return {**SETTING, "objective": "l2"}
    return {**SETTING, "objective": "quantile", "alpha": level}

"""The environment in which the forecast's peers live, apart from ours: they need other packages."""

import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.settings import Settings

Floats = NDArray[np.float64]

FOLDER = Path(__file__).resolve().parent
LOCK = FOLDER / "forecast-peers.lock"
PEER = FOLDER / "forecast_peer.py"
PACKAGES = ("statsforecast", "lightgbm", "pandas", "numpy")


@dataclass(frozen=True, slots=True)
class Told:
    """A peer's means (n, h) and the processor seconds that they took."""

    mean: Floats
    cpu_s: float


def find_python(given: Path | None, make: bool) -> Path | None:
    """The Python that has the peers: the one given, or the one under the home; None: neither.

    make: the one under the home is made when it is missing or of another lock.
    Raises: subprocess.CalledProcessError where its packages can't be installed.
    """
    if given is not None:
        return given
    folder = Settings.from_environment().home / "peers"
    python, stamp = folder / "bin" / "python", folder / "made.of"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    if not make:
        return None
    print(f"making {folder} …", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    subprocess.run([*install, "-r", str(LOCK)], check=True, stdout=sys.stderr)
    stamp.write_text(wanted)
    return python


def versions(python: Path) -> dict[str, str]:
    """Which peers a Python has.

    Raises: subprocess.CalledProcessError where one is missing.
    """
    code = f"import importlib.metadata as m; print(*map(m.version, {PACKAGES}))"
    done = subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return dict(zip(PACKAGES, done.stdout.split(), strict=True))


def ask(
    python: Path,
    demand: Floats,
    drivers: Floats,
    horizon: int,
    season: int,
    models: tuple[str, ...],
) -> dict[str, Told]:
    """What each model says of demand (n, t), knowing drivers (d, n, t + h).

    Raises: subprocess.CalledProcessError where they can't be asked.
    """
    with tempfile.TemporaryDirectory(prefix="stowline-peers-") as name:
        source, target = Path(name) / "source.npz", Path(name) / "target.npz"
        np.savez(source, demand=demand, drivers=drivers)
        how = ["--horizon", str(horizon), "--season", str(season), "--models", *models]
        # One thread each, as their processor seconds are compared.
        alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(
            [python, PEER, source, target, *how],
            check=True,
            stdout=sys.stderr,
            env=os.environ | alone,
        )
        with np.load(target) as found:
            return {model: Told(found[model], float(found[f"{model}_cpu_s"])) for model in models}

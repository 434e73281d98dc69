"""A coverage-guided run of one target: `python -m tests.fuzz.run TARGET --runs N --seed S`."""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["devices"]):
    from tests.fuzz.seed import SEEDS
    from tests.fuzz.target import TARGETS

BYTES_MAX = 20_000
UNIT_TIMEOUT_S = 60


def main() -> None:
    """Fuzz as the arguments say; exit code 77 and a file with the bytes where a target fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for seeds and what reaches more")
    options = parser.parse_args()
    # The fuzzer ends the process at once: nothing here could clean a temporary folder up.
    kept = options.keep or Path(tempfile.gettempdir()) / "stowline-fuzz" / options.target
    kept.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[options.target]):
        (kept / f"seed-{number:02}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        f"-runs={options.runs}",
        f"-seed={options.seed}",
        f"-max_len={BYTES_MAX}",
        f"-timeout={UNIT_TIMEOUT_S}",
        f"-artifact_prefix={kept}/",
        str(kept),
    ]
    atheris.Setup(arguments, TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

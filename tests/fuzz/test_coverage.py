"""Coverage-guided runs: short here, as long as anybody likes by `python -m tests.fuzz.run`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.fuzz.target import TARGETS

RUNS = 20_000
SEED = 20_261_122
WAIT_S = 1_800


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_no_exception_escapes(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has no wheel for this machine")
    command = [sys.executable, "-m", "tests.fuzz.run", target, "--keep", str(tmp_path)]
    done = subprocess.run(
        [*command, "--runs", str(RUNS), "--seed", str(SEED)],
        cwd=ROOT,
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )
    said = done.stderr.decode(errors="replace")
    assert done.returncode == 0, said[-4_000:]
    # A fuzzer that saw none of our code run would find nothing for ever.
    assert f"Done {RUNS} runs" in said and re.search(r"\bDONE +cov: [1-9]", said)

"""zpl-renderer-js, which nobody here wrote: from ZPL to a picture."""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.interop.program import require_program

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".pytest_cache" / "label"
FILES = ("package.json", "package-lock.json", ".npmrc", "render.cjs")
DOTS_PER_MM = {203: 8, 300: 12, 600: 24}
INSTALL_S, RENDER_S = 300, 300
_SIZE = re.compile(r"\^PW(\d+)\^LL(\d+)")


def require_renderer() -> Path:
    """Give the folder that the renderer is installed in, once for all tests and runs."""
    npm = require_program("npm", "npm")
    require_program("node", "nodejs")
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()
    folder = CACHE / wanted[:16]
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name in FILES:
                shutil.copy(HERE / name, folder)
            _install(npm, folder)
            (folder / "done").touch()
    return folder


def render(folder: Path, labels: list[str], dpi: int) -> list[Image.Image]:
    """Draw labels as a printer of this resolution would."""
    dots_per_mm = DOTS_PER_MM[dpi]
    jobs = []
    for zpl in labels:
        size = _SIZE.search(zpl)
        assert size is not None
        width, height = (int(dots) / dots_per_mm for dots in size.groups())
        jobs.append({"zpl": zpl, "width": width, "height": height, "dots_per_mm": dots_per_mm})
    done = subprocess.run(
        [require_program("node", "nodejs"), "render.cjs"],
        cwd=folder,
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=RENDER_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [Image.open(BytesIO(b64decode(drawn))).convert("L") for drawn in json.loads(done.stdout)]


def _install(npm: str, folder: Path) -> None:
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    try:
        done = subprocess.run(
            [npm, "ci", *options],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("zpl-renderer-js could not be installed: npm took too long")
    if done.returncode != 0:
        pytest.skip(f"zpl-renderer-js could not be installed: {done.stderr[-500:]}")

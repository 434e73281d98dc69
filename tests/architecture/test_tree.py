"""The project works anywhere: no machine's path, no registry's address."""

import re

from tests.architecture.source import FOLDERS, ROOT, name_of, text_files

# A path of somebody's own machine. Debian's folders and the system's own are the same everywhere.
OWN_PATH = re.compile(r"(?<![\w.])/(?:home/\w|root/|Users/|work/|mnt/|opt/(?!homebrew))")
KEPT = {*FOLDERS, ".github"}


def test_locks_hold_no_address() -> None:
    locks = sorted(ROOT.glob("*.lock"))
    assert len(locks) >= 3
    for lock in locks:
        text = lock.read_text()
        assert "--hash=sha256:" in text, lock.name
        assert "://" not in text and "--index" not in text and "--find-links" not in text, lock.name


def test_no_file_names_a_path_of_one_machine() -> None:
    files = [path for path in text_files() if path.suffix != ".lock"]
    assert files
    found = [
        f"{name_of(path)}: {line.strip()[:80]}"
        for path in files
        if path.name != "test_tree.py"
        for line in path.read_text("utf-8").splitlines()
        if OWN_PATH.search(line)
    ]
    assert not found


def test_nothing_else_stands_at_the_top() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    hidden = {name for name in folders if name.startswith((".", "__"))} - KEPT
    assert folders - hidden <= KEPT

"""The project's own files, as the architecture tests read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("wms", "routing", "devices", "forecasting", "api", "sim")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "examples", "docs", ".ci")
TEXT = {".py", ".js", ".css", ".html", ".sql", ".md", ".toml", ".lock", ".json", ".yaml", ".yml"}


def python_files(*folders: str) -> list[Path]:
    """The Python files of these folders, of all packages and tests by default."""
    chosen = folders or (*PACKAGES, "tests", "benchmarks")
    return sorted(path for folder in chosen for path in (ROOT / folder).rglob("*.py"))


def text_files() -> list[Path]:
    """Every text file that belongs to the project."""
    below = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    files = (path for path in (*ROOT.iterdir(), *below) if path.is_file())
    return sorted(path for path in files if path.suffix in TEXT or path.name in ("run", "LICENSE"))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, and every name it takes from one."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(path: Path) -> str:
    """The file as a message shows it."""
    return path.relative_to(ROOT).as_posix()

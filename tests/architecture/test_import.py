"""Arrows that import contracts do not see."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, imports, name_of, python_files, tree

SLOW = ("numba", "ortools", "pandas")


def _reads_environment(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv", "environb", "putenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        for node in ast.walk(tree(path))
    ) or any(name in ("os.environ", "os.getenv") for name in imports(path))


def test_only_settings_read_the_environment() -> None:
    readers = {
        name_of(path)
        for path in python_files("wms", "routing", "devices", "forecasting", "api", "sim")
        if _reads_environment(path)
    }
    assert readers == {"api/settings.py"}


def _is_store(module: str) -> bool:
    """Whether a module holds its room's SQL: `store`, or one of several, such as `wave_store`."""
    return module == "store" or module.endswith("_store")


def test_a_feature_reads_only_its_own_store() -> None:
    strangers = [
        f"{name_of(path)} imports {name}"
        for path in python_files("wms", "api")
        for name in imports(path)
        if name.startswith("wms.") and _is_store([*name.split("."), ""][2])
        if path.parent.name != name.split(".")[1] or path.parent.parent.name != "wms"
    ]
    assert not strangers


def test_only_a_store_holds_a_feature_s_sql() -> None:
    called = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_records_to_table")
    strangers = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("wms")
        if not _is_store(path.stem) and "database" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in called
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "connection"
    ]
    assert not strangers


def test_the_api_starts_without_a_solver_s_libraries() -> None:
    code = "import sys, api.app; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(said.stdout.split())
    assert "api" in loaded
    assert not loaded & set(SLOW)

"""Files and functions stay small enough to read."""

import ast
import warnings
from pathlib import Path

import pytest

from tests.architecture.source import name_of, python_files, tree

FILE_NOTICE, FILE_LIMIT = 300, 500
FUNCTION_NOTICE, FUNCTION_LIMIT = 40, 70


def _functions(path: Path) -> list[tuple[str, int]]:
    return [
        (f"{name_of(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _judge(sizes: list[tuple[str, int]], notice: int, limit: int) -> None:
    for name, lines in sizes:
        if notice < lines <= limit:
            warnings.warn(f"{name} has {lines} lines: it is asking to become two", stacklevel=2)
    assert not [(name, lines) for name, lines in sizes if lines > limit]


@pytest.mark.filterwarnings("default::UserWarning")
def test_no_file_is_longer_than_500_lines() -> None:
    files = python_files()
    assert files
    sizes = [(name_of(path), len(path.read_text("utf-8").splitlines())) for path in files]
    _judge(sizes, FILE_NOTICE, FILE_LIMIT)


@pytest.mark.filterwarnings("default::UserWarning")
def test_no_function_is_longer_than_70_lines() -> None:
    functions = [function for path in python_files() for function in _functions(path)]
    assert functions
    _judge(functions, FUNCTION_NOTICE, FUNCTION_LIMIT)

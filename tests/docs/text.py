"""The project's documents, as their tests read them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ROOT / "wms/database/migrations/versions"
# In the order in which they run.
PARTS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
SCHEMA = [path for part in PARTS for path in sorted((VERSIONS / part).glob("*.sql"))]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|\ssrc=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a document says, with the document's name."""

    document: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}: {self.text}"


def prose(document: Path) -> str:
    """The document without its code blocks."""
    return _FENCE.sub("", document.read_text("utf-8"))


def blocks(document: Path, language: str) -> list[str]:
    """The document's code blocks in a language."""
    return [body for kind, body in _FENCE.findall(document.read_text("utf-8")) if kind == language]


def headings(document: Path) -> list[str]:
    """The document's headings, without their marks."""
    return _HEADING.findall(prose(document))


def code_words(*documents: Path) -> Iterator[Said]:
    """What stands in code font in running text."""
    for document in documents or DOCUMENTS:
        for word in _CODE.findall(prose(document)):
            yield Said(document.relative_to(ROOT).as_posix(), word)


def links(document: Path) -> Iterator[str]:
    """Where a document's links and pictures point."""
    for target, source in _LINK.findall(prose(document)):
        yield target or source


def table(document: Path, name: str) -> str:
    """The table that stands in a document between the marks of that name."""
    text = document.read_text("utf-8")
    found = re.search(rf"<!-- {name}:.*?-->\n(.*?)\n<!-- end of {name} -->", text, re.DOTALL)
    assert found is not None, f"{document.name} has no table {name}"
    return found[1]


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a Python file defines: functions, classes, their methods, and names of the module."""
    found: set[str] = set()
    module = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
    for node in module.body:
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return frozenset(found)


def is_defined(file: str, name: str) -> bool:
    """Whether a file of the project defines a name; a function of the schema, in its last form."""
    if not file.endswith(".sql"):
        path = ROOT / file
        return path.is_file() and name in names_in(path)
    made = rf"(?:function|table|constraint|trigger|index|sequence)\s+{name}\b"
    thrown = rf"(?:constraint = |array\[[^\]]*)'{name}'"
    found = [path for path in SCHEMA if re.search(f"{made}|{thrown}", path.read_text("utf-8"))]
    function = rf"create (?:or replace )?function {name}\b"
    formed = [path for path in found if re.search(function, path.read_text("utf-8"))]
    return file in {path.name for path in formed[-1:] or found}

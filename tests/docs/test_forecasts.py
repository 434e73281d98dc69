"""The guide to forecasts says what is true of policies."""

import ast

import pytest

from forecasting.policy.joint import Cycle
from tests.docs.text import ROOT, blocks, headings, prose

GUIDE = ROOT / "docs/forecasts.md"
# What other policies are made of, and is of use to nobody else.
WITHIN = {"valley.py", "__init__.py"}
POLICIES = sorted(
    path for path in (ROOT / "forecasting/policy").glob("*.py") if path.name not in WITHIN
)


def test_the_guide_s_policies_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    [program] = [block for block in blocks(GUIDE, "python") if "forecasting.policy" in block]
    names: dict[str, object] = {}
    exec(compile(program, str(GUIDE), "exec"), names)  # noqa: S102 it is the document's own
    assert isinstance(names["cycle"], Cycle)
    assert names["order"] == (540, 312)


def test_every_policy_is_named_beside_its_file() -> None:
    assert "Policies" in headings(GUIDE)
    text = prose(GUIDE).partition("## Policies")[2]
    rows = {cells[2]: cells for line in text.splitlines() if len(cells := line.split("|")) > 2}
    for path in POLICIES:
        file = path.relative_to(ROOT).as_posix()
        [row] = [cell for cell in rows if f"`{file}`" in cell]
        names = [
            node.name
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        ]
        missing = [name for name in names if f"`{name}`" not in row]
        assert not missing, f"{file}: {missing}"

"""The documents say what is true."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from api.cli import app
from api.settings import setting_rows
from benchmarks.__main__ import BENCHMARKS
from sim.fault import Fault
from sim.scenario.crew import make_crew
from tests.docs.text import (
    DECISIONS,
    DOCUMENTS,
    ROOT,
    SCHEMA,
    Said,
    blocks,
    code_words,
    headings,
    is_defined,
    links,
    prose,
    table,
)

README = ROOT / "README.md"
GLOSSARY = ROOT / "docs/glossary.md"
# What the script `run` does itself, before it hands anything on.
OWN_COMMANDS = (["test"], ["check"], ["bench"], *(["bench", name] for name in BENCHMARKS))
FOLDERS = ("wms", "routing", "devices", "forecasting", "api", "sim", "tests", "docs", "examples")
# A test draws the states, and these are what it draws.
DRAWN = "docs/states.md"


def by_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    inside = [link for link in links(document) if not urlsplit(link).scheme]
    broken = [link for link in inside if not (document.parent / link.split("#")[0]).exists()]
    assert not broken


def test_every_file_that_is_named_exists() -> None:
    words = [said for said in code_words() if said.text.split("/")[0] in FOLDERS]
    # A name with a placeholder or a class's name in it is a pattern, not a file.
    files = [
        Said(said.document, said.text.split("::")[0])
        for said in words
        if "/" in said.text and not re.search(r"[<*…]|NNNN", said.text)
    ]
    assert len(files) > 50
    assert not [str(said) for said in files if not (ROOT / said.text).exists()]


def test_every_name_in_a_file_is_defined_there() -> None:
    named = [said for said in code_words() if re.fullmatch(r"[\w/.]+::\w+", said.text)]
    assert len(named) > 80
    missing = [str(said) for said in named if not is_defined(*said.text.split("::"))]
    assert not missing


def test_the_two_walks_name_every_journey() -> None:
    walks = (ROOT / "docs/walk.md", ROOT / "docs/goods.md")
    walked = {said.text.split("::")[0] for said in code_words(*walks)}
    journeys = {by_name(path) for path in (ROOT / "wms/journey").rglob("*.py")}
    beside = {"__init__", "entry", "endpoint"}
    unnamed = {path for path in journeys if Path(path).stem not in beside} - walked
    assert not unnamed


def test_the_readme_s_settings_are_those_of_the_code() -> None:
    lines = ["| variable | default | what it is |", "| --- | --- | --- |"]
    for row in setting_rows():
        default = f" `{row.default}` " if row.default else " "
        lines.append(f"| `{row.variable}` |{default}| {row.about} |")
    assert table(README, "settings") == "\n".join(lines), "the table is stale; this is the new one"


def test_the_readme_s_badges_are_those_of_seed_1() -> None:
    crew = [f"| {one.name} | {one.role} | {one.badge} | {one.pin} |" for one in make_crew(1)]
    rows = table(README, "staff").splitlines()[2:]
    assert set(rows) <= set(crew)
    tasks = {one.task for one in make_crew(1) if f"| {one.badge} |" in "\n".join(rows)}
    assert tasks == {"pick", "pack", "load", ""}


def test_the_readme_names_every_option_of_the_demo() -> None:
    demo = _commands().commands["demo"]
    text = README.read_text("utf-8")
    options = [name for option in demo.params for name in option.opts]
    assert "--orders" in options
    assert not [name for name in options if f"`{name}" not in text]
    assert not [fault for fault in Fault if f"`{fault}`" not in text]


def test_every_command_that_is_shown_exists() -> None:
    shown = [line for document in DOCUMENTS for line in _shown(document)]
    assert len(shown) > 20
    assert not [str(said) for said in shown if not _exists(shlex.split(said.text))]


def test_a_decision_says_why_what_it_costs_and_what_else_there_was() -> None:
    assert len(DECISIONS) >= 16
    numbers = [int(decision.name.split("-")[0]) for decision in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    for number, decision in zip(numbers, DECISIONS, strict=True):
        title, *rest = headings(decision)
        assert title.startswith(f"{number}. "), decision.name
        assert rest == ["Why", "Choice", "Price", "Alternatives"], decision.name
        # Half a page each.
        assert len(prose(decision).split()) < 450, decision.name


def test_a_word_stands_once_in_the_glossary() -> None:
    words = re.findall(r"^\| ([^|]+?) \| ", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    words = [word for word in words if word not in ("word", "---")]
    assert len(words) > 60
    assert len(words) == len(set(words))


def test_the_glossary_s_tables_exist_and_no_feature_is_without_a_word() -> None:
    text = GLOSSARY.read_text("utf-8").lower()
    schema = "\n".join(path.read_text("utf-8") for path in SCHEMA)
    tables = re.findall(r"^\|.*?\(((?:`\w+`(?:, )?)+)", text, re.MULTILINE)
    named = [name for group in tables for name in re.findall(r"`(\w+)`", group)]
    assert len(named) > 20
    made = set(re.findall(r"(?:create (?:unlogged )?table|rename to) (\w+)(?: \(|;)", schema))
    assert not set(named) - made
    features = {path.name for path in (ROOT / "wms").iterdir() if (path / "store.py").is_file()}
    said = {"counting": "count", "picking": "pick_task", "packing": "carton", "labelling": "label"}
    said |= {"shipping": "waybill", "sorting": "lane", "equipment": "gateway", "day": "baseline"}
    said |= {"overview": "movement", "replenishment": "purchase_order", "receiving": "receipt"}
    said |= {"moving": "move_task", "kitting": "kit_work", "slotting": "slotting_proposal"}
    unsaid = [name for name in features if said.get(name, name.removesuffix("s")) not in text]
    assert not unsaid


def test_no_document_leaves_a_word_for_later() -> None:
    words = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
    found = [
        f"{by_name(document)}: {line[:80]}"
        for document in DOCUMENTS
        if by_name(document) != DRAWN
        for line in document.read_text("utf-8").splitlines()
        if words.search(line)
    ]
    assert not found


def _commands() -> TyperGroup:
    commands = get_command(app)
    assert isinstance(commands, TyperGroup)
    return commands


def _shown(document: Path) -> Iterator[Said]:
    """The commands of a document: the lines of its shell blocks, and what stands in code font."""
    for block in blocks(document, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            command = re.sub(r"\s+#.*", "", line)
            for inner in re.findall(r"\$\(((?:\./run|stowline) [^)]*)\)", command) or [command]:
                yield Said(by_name(document), inner)
    for said in code_words(document):
        if said.text.startswith(("./run ", "stowline ")) and "…" not in said.text:
            yield said


def _exists(words: list[str]) -> bool:
    """Whether a command line could be typed: its program, its subcommands, its options."""
    program, *rest = words or ["true"]
    if program in ("./run", "stowline"):
        return bool(rest) and (rest in OWN_COMMANDS or _is_known(_commands(), rest))
    if program.startswith((".venv/", "examples/")):
        files = [word for word in words if word.startswith("examples/")]
        return all((ROOT / file).is_file() for file in files)
    return program in ("export", "curl", "psql", "true")


def _is_known(group: TyperGroup, words: list[str]) -> bool:
    name, *rest = words
    command = group.commands.get(name)
    if isinstance(command, TyperGroup):
        return bool(rest) and _is_known(command, rest)
    if command is None:
        return False
    options = {name for option in command.params for name in option.opts} | {"--help"}
    files = [word for word in rest if word.startswith("examples/")]
    asked = {word for word in rest if word.startswith("--")}
    return asked <= options and all((ROOT / file).is_file() for file in files)

"""The guide to planning picks says what is true."""

import json

from api.command.plan import Rule
from api.plan.schema import MODELS
from routing.pick.tour.plan import TourPlan
from tests.docs.text import ROOT, blocks

GUIDE = ROOT / "docs/picking.md"


def test_the_guide_s_program_runs() -> None:
    [program] = blocks(GUIDE, "python")
    names: dict[str, object] = {}
    exec(compile(program, str(GUIDE), "exec"), names)  # noqa: S102 it is the document's own
    assert str(names["picture"]).startswith("<svg")
    plan = names["plan"]
    assert isinstance(plan, TourPlan)
    assert plan.left_out == ((2, "stop in aisle 9, but there are 6 aisles"),)


def test_the_guide_names_every_rule() -> None:
    text = GUIDE.read_text("utf-8")
    assert not [rule for rule in Rule if f"`{rule}`" not in text and f" {rule}`" not in text]


def test_every_schema_is_of_its_dialect() -> None:
    schemas = sorted((ROOT / "docs/schemas").glob("*.json"))
    assert len(schemas) == len(MODELS)
    for schema in schemas:
        assert "2020-12" in json.loads(schema.read_text("utf-8"))["$schema"]

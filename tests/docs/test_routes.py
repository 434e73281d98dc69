"""The guide to planning routes says what is true."""

from api.command.route import Engine, Length
from routing.delivery.plan import DeliveryPlan
from tests.docs.text import ROOT, blocks

GUIDE = ROOT / "docs/routes.md"


def test_the_guide_s_program_runs() -> None:
    [program] = blocks(GUIDE, "python")
    names: dict[str, object] = {}
    exec(compile(program, str(GUIDE), "exec"), names)  # noqa: S102 it is the document's own
    plan = names["plan"]
    assert isinstance(plan, DeliveryPlan)
    assert [sorted(route.stops) for route in plan.routes] == [["A-1", "A-2"]]
    assert plan.distance_m == 3_000
    [left_out] = plan.unserved
    assert left_out.stop == "A-3" and left_out.remedies
    assert {refusal.constraint for refusal in left_out.refusals} == {"load"}


def test_the_guide_names_every_engine_and_rounding() -> None:
    text = GUIDE.read_text("utf-8")
    assert not [
        one for one in (*Engine, *Length) if f"`{one}`" not in text and f" {one}`" not in text
    ]

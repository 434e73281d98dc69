"""The planner's page of stock: rows with their reasons, gaps, days that are too full."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from api.console.replenishment import draw
from api.console.spark import spark_line
from api.console.words import Scene
from wms.overview.replenishment import (
    Days,
    LowRow,
    ProposalRow,
    Replenishment,
    RunRow,
    Spark,
    TransferRow,
)
from wms.replenishment.capacity import DayOfWork, bottlenecks

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SCENE = Scene(NOW, UTC)
SPARK = Spark(date(2026, 2, 25), (4.0, None, None, 5.0, 3.0), (4.0,) * 7, (9.0,) * 7)
ROW = ProposalRow(
    proposal_id=7,
    kind="purchase",
    sku="MUG",
    name="Mug <red>",
    owner="Ada",
    warehouse="MAIN",
    source="STOKE",
    unit="each",
    quantity=48,
    free=9,
    coming=0,
    reorder_point=31,
    safety_stock=6,
    order_up_to=68,
    share=9 / 68,
    point_share=31 / 68,
    days_left=1.8,
    below=True,
    reason="covers 9 days at 97 %; promotion from 1 Dec adds 140",
    demand_class="smooth",
    model="seasonal",
    model_reason="it wins by 4 %",
    spark=SPARK,
)
FULL = tuple(
    DayOfWork(NOW.date() + timedelta(days=at), 0, lines, lines * 1.3, 100.0, None)
    for at, lines in enumerate((60.0, 90.0, 130.0))
)
PAGE = Replenishment(
    run=RunRow(3, NOW.date(), "timer:replenish", NOW, 812),
    purchases=1,
    transfers=0,
    below=1,
    to_send=1,
    rows=(ROW,),
    low=(LowRow("MUG", "Mug", "MAIN", 9, 0, 12, NOW - timedelta(hours=3)),),
    moving=(TransferRow(5, "requested", "NORTH", "MAIN", "Ada", (("MUG", 20),), None),),
    ahead=(Days("MAIN", FULL, tuple(bottlenecks(list(FULL)))),),
)


def test_a_proposal_is_shown_with_why_and_how_long_it_lasts() -> None:
    drawn = draw(PAGE, "", "", SCENE)
    for said in (
        "812 items forecast",
        "covers 9 days at 97 %",
        "promotion from 1 Dec adds 140",
        "1.8 d",
        "Mug &lt;red&gt;",
        "Smooth, seasonal",
        'href="?q=&kind=&proposal=7"',
        'href="?transfer=5"',
        "3 h 00 min",
        "Picking may not keep up on Tue 03 Mar",
        "Picking will not keep up on Wed 04 Mar",
        "130 lines with what is left from before, and 100 can be done",
    ):
        assert said in drawn, said


def test_what_nobody_sells_and_what_is_fetched_look_different() -> None:
    assert "nobody sells it" in draw(
        replace(PAGE, rows=(replace(ROW, source=None),)), "", "", SCENE
    )
    fetched = replace(ROW, kind="transfer", source="NORTH")
    assert ">fetch</span> NORTH" in draw(replace(PAGE, rows=(fetched,)), "", "", SCENE)


def test_an_empty_page_says_what_will_be_there() -> None:
    empty = Replenishment(None, 0, 0, 0, 0, (), (), (), ())
    drawn = draw(empty, "", "", SCENE)
    assert "it is done every night" in drawn and "Nothing proposed yet" in drawn
    after = draw(replace(empty, run=PAGE.run), "", "", SCENE)
    assert "Every item is above its reorder point" in after
    assert "Nothing of that kind" in draw(empty, "mug", "", SCENE)


def test_days_without_an_answer_are_a_gap_in_the_line() -> None:
    drawn = spark_line(SPARK)
    assert drawn.count("<rect") == 1
    [was] = [line for line in drawn.splitlines() if 'class="was"' in line]
    assert was.count("M") == 2
    nothing = spark_line(Spark(date(2026, 2, 25), (None, None), (), ()))
    assert 'class="will" d=""' in nothing

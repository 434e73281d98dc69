"""A sorter's page: which sorter it is, where two sites have one of the same name."""

from collections import Counter
from datetime import UTC, datetime

from api.console.lane_button import lane_buttons
from api.console.sorter import draw
from api.console.words import Scene
from wms.overview.sorter import LaneView, Sorter, SorterRow

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def a_row(number: int, site: str) -> SorterRow:
    return SorterRow(
        id=number,
        site=site,
        name="PLC-1",
        address=None,
        in_service=True,
        link="run",
        mode="automatic",
        circuit=None,
        fault="",
        boot=1,
        served_by="gateway",
        changed_at=NOW,
        alarms=0,
        riding=0,
    )


def a_sorter(row: SorterRow) -> Sorter:
    lane = LaneView(
        lane=3, place="PACK-01", purpose="sort", state="open", standing=1, riding=0, capacity=None
    )
    return Sorter(
        row=row,
        belt_speed_mm_s=None,
        lanes=(lane,),
        riding=(),
        recent=(),
        alarms=(),
        orders=(),
        events=(),
        ended=Counter(),
        reject_lane=None,
    )


def test_sorters_of_one_name_keep_apart_by_their_site() -> None:
    rows = (a_row(1, "north & east"), a_row(2, "south"))
    drawn = draw(rows, a_sorter(rows[1]), None, Scene(NOW, UTC))
    assert 'href="/console/sorters/PLC-1?site=north%20%26%20east"' in drawn
    assert 'href="/console/sorters/PLC-1?site=south&amp;lane=3"' in drawn


def test_a_lane_has_a_button_for_each_thing_that_is_asked_of_it() -> None:
    names = [button.name for button in lane_buttons(a_row(2, "south"), 3)]
    assert names == ["Close lane", "Open lane", "Purge lane"]

"""What a planner reads of an order that is held, and of promises that are at risk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from api.console.order import draw_story
from api.console.overview import draw
from api.console.words import Scene
from wms.overview.alarm import alarms
from wms.overview.pipeline import Happening, Overview, Stage, Trouble
from wms.overview.story import OrderRow, OrderStory, StoryFulfilment, StoryHold

NOW = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
SCENE = Scene(NOW, ZoneInfo("Europe/London"))
HOLD = StoryHold("paid_too_late", "<script>alert(1)</script>", "supervisor", NOW, None)
ROW = OrderRow(1, "536365", "open", "paid", "Ada", "Luton", "GB", 1, 2, 510, "GBP", NOW, None)
STORY = OrderStory(
    ROW, Stage.OPEN, "standard", ("Ada",), 1, NOW, NOW, (), (), (), (), (), (HOLD,), 3
)
QUIET = Trouble(labels_unsure=0, missorts=0, holds=0, waves_refused=0, leases_lost=())


def _overview(trouble: Trouble) -> Overview:
    found = alarms((), trouble, NOW)
    return Overview(NOW, (), (), 0, 0, None, None, None, (), trouble, found, ())


def test_a_hold_says_whose_it_is_and_until_when() -> None:
    page = draw_story(STORY, SCENE)
    assert "The supervisor looks at it, until" in page
    assert 'data-level="warning"' in page
    assert "<script>alert" not in page
    assert "<dt>Decisions of the staff</dt><dd>3</dd>" in page


def test_a_hold_whose_time_is_over_is_loud() -> None:
    late = replace(HOLD, overdue_at=NOW + timedelta(hours=1))
    page = draw_story(replace(STORY, holds=(late,)), SCENE)
    assert 'data-level="alarm"' in page
    assert "overdue since" in page


def test_an_order_in_parts_shows_each_and_is_as_far_as_the_hindmost() -> None:
    late = StoryFulfilment(8, "open", None, NOW, NOW, None, None, None, None, None, "NORTH", 2)
    gone = StoryFulfilment(7, "closed", None, NOW, NOW, NOW, NOW, NOW, NOW, NOW, "MAIN", 5)
    off = replace(late, fulfilment_order_id=6, state="cancelled", firm_at=None)
    one = replace(STORY, fulfilments=(gone,))
    assert "<h2>Parts</h2>" not in draw_story(one, SCENE)
    page = draw_story(replace(STORY, fulfilments=(gone, off, late)), SCENE)
    for place in ("MAIN", "NORTH"):
        assert f"<td class=strong>{place}</td>" in page
    track = page.partition("<h2>Lines")[0]
    assert "08:26:00" in track.partition("<b>Paid</b>")[2][:30]
    assert "–" in track.partition("<b>Released</b>")[2][:30]


def test_what_became_of_a_ticket_leads_to_it() -> None:
    opened = Happening(NOW, "handoff.opened", "handoff/4", "shop", 1, "536365", {"handoff_id": 4})
    page = draw_story(replace(STORY, happenings=(opened,)), SCENE)
    assert '<a href="/console/tickets/4">Ticket opened</a>' in page


def test_the_first_screen_tells_of_promises_at_risk_and_holds_overdue() -> None:
    page = draw(
        _overview(replace(QUIET, promises_at_risk=2, promises_late=1, holds_overdue=1)), SCENE
    )
    assert "2 paid orders wait for waybill and carrier, 1 too late already" in page
    assert "1 hold is overdue" in page
    assert "1 too late already. Holds: 1 overdue" in page


def test_a_quiet_house_has_none_at_risk() -> None:
    page = draw(_overview(QUIET), SCENE)
    assert "Promise at risk" in page
    assert "All quiet" in page

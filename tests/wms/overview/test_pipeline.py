"""What the house calls an alarm."""

from datetime import UTC, datetime, timedelta

from wms.overview.pipeline import Depth, Level, Trouble, alarms

NOW = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
WELL = Trouble(labels_unsure=0, missorts=0, holds=0, waves_refused=0, leases_lost=())


def test_a_house_that_is_well_has_no_alarm() -> None:
    assert alarms((Depth("webhooks", 3, NOW - timedelta(seconds=20), 0),), WELL, NOW) == ()


def test_a_message_that_was_given_up_is_an_alarm() -> None:
    found = alarms((Depth("carrier", 0, None, 2),), WELL, NOW)
    assert [alarm.level for alarm in found] == [Level.ALARM]
    assert "2 messages" in found[0].text


def test_a_message_that_waits_long_is_a_warning() -> None:
    found = alarms((Depth("webhooks", 1, NOW - timedelta(minutes=9), 0),), WELL, NOW)
    assert [alarm.level for alarm in found] == [Level.WARNING]
    assert "9 min" in found[0].text


def test_the_worst_comes_first() -> None:
    trouble = Trouble(labels_unsure=1, missorts=2, holds=1, waves_refused=1, leases_lost=("PLC-1",))
    levels = [alarm.level for alarm in alarms((), trouble, NOW)]
    assert levels == sorted(levels, key=lambda level: level is not Level.ALARM)
    assert len(levels) == 5

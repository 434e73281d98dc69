"""What the house calls an alarm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wms.overview.alarm import alarms
from wms.overview.pipeline import Depth, Level, Trouble

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


def test_what_runs_out_and_days_that_are_too_full_are_warnings() -> None:
    trouble = replace(WELL, stock_below=1, full_days=3)
    told = {alarm.text: alarm.level for alarm in alarms((), trouble, NOW)}
    assert told == {
        "1 item is below safety stock": Level.WARNING,
        "3 days of the next two weeks will be too full": Level.WARNING,
    }


def test_questions_past_their_limit_are_alarms_and_slow_steps_warnings() -> None:
    trouble = replace(WELL, tickets_late=1, steps_overdue=2)
    told = {alarm.text: alarm.level for alarm in alarms((), trouble, NOW)}
    assert told == {
        "1 ticket waits longer than promised": Level.ALARM,
        "2 steps take longer than they may": Level.WARNING,
    }


def test_many_devices_that_do_not_answer_are_one_alarm() -> None:
    few, many = (
        [alarm.text for alarm in alarms((), replace(WELL, devices_away=names), NOW)]
        for names in (("PLC-1", "PRN-01"), ("PLC-1", "PRN-01", "PRN-02"))
    )
    assert few == ["PLC-1 does not answer", "PRN-01 does not answer"]
    assert many == ["3 devices do not answer: PLC-1, PRN-01, PRN-02"]
    (lost,) = alarms((), replace(WELL, leases_lost=("PLC-1", "PRN-01", "PRN-02")), NOW)
    assert lost.text == "Nobody speaks to 3 devices: PLC-1, PRN-01, PRN-02"


def test_what_devices_suffer_from_is_told_with_what_to_do() -> None:
    trouble = replace(
        WELL,
        labels_failed=1,
        dead_letters=2,
        bad_messages=3,
        devices_away=("PRN-01",),
        old_boots=("SCN-02",),
    )
    told = {alarm.text: alarm for alarm in alarms((), trouble, NOW)}
    assert list(told) == [
        "PRN-01 does not answer",
        "Nothing that SCN-02 says is taken: it counts its boots anew",
        "1 label could not be printed",
        "2 reports of devices could not be booked",
        "Devices sent 3 kinds of bad messages",
    ]
    assert told["Devices sent 3 kinds of bad messages"].level is Level.WARNING
    assert "stowline device forget SCN-02" in [
        alarm.advice.split(": ")[-1] for alarm in told.values()
    ]

"""An answer is taken only when it echoes this cycle's heartbeat or the last one's."""

from devices.sorter.echo import Echo


def echo() -> Echo:
    return Echo(quick_s=0.005, slow_s=0.05)


def test_this_heartbeat_and_the_last_one_fit_and_no_other() -> None:
    checked = echo()
    for _ in range(10):
        beat = checked.next_beat()
        assert checked.fits(beat, 0.0)
        assert checked.fits(beat - 1, 0.0)
        assert not checked.fits(beat - 2, 0.0)
        assert not checked.fits(beat + 1, 0.0)
    assert checked.astray == 20


def test_the_heartbeat_wraps() -> None:
    checked = Echo(0.005, 0.05, beat=65_535)
    assert checked.next_beat() == 0
    assert checked.fits(0, 0.0)
    assert checked.fits(65_535, 0.0)
    assert not checked.fits(65_534, 0.0)


def test_late_answers_slow_the_quick_cycle_down_until_they_fit_again() -> None:
    checked = echo()
    pauses = []
    for _ in range(6):
        checked.next_beat()
        checked.fits(0xBEEF, 0.0)
        pauses.append(checked.pause_s)
    assert pauses == [0.01, 0.02, 0.04, 0.05, 0.05, 0.05]
    for _ in range(6):
        assert checked.fits(checked.next_beat(), 0.0)
    assert checked.pause_s == 0.005


def test_it_says_for_how_long_no_answer_fits() -> None:
    checked = echo()
    checked.next_beat()
    checked.fits(0xBEEF, 5.0)
    checked.fits(0xBEEF, 5.2)
    assert round(checked.astray_for_s(5.3), 3) == 0.3
    checked.fits(checked.next_beat(), 5.4)
    assert checked.astray_for_s(5.5) == 0.0

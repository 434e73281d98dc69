"""How long the link waits before it tries again."""

from devices.link.pause import Pause


def test_pauses_are_short_while_the_broker_is_away_and_grow_where_a_name_is_wanted_by_two() -> None:
    pause = Pause()
    assert max(pause.unreachable() for _ in range(100)) <= 0.5
    assert pause.ended(3_600, taken_over=False) <= 0.1
    fight = [pause.ended(0.2, taken_over=True) for _ in range(10)]
    assert fight[0] >= 1 and fight == sorted(fight) and fight[-1] == 60
    assert pause.ended(3_600, taken_over=True) == fight[0]
    unsaid = [pause.ended(0.2, taken_over=False) for _ in range(12)]
    assert unsaid == sorted(unsaid) and unsaid[-1] == 60
    pause.unreachable()
    assert pause.ended(0.2, taken_over=False) <= 0.1

"""Days that bring more than can be done, told before they are there."""

from datetime import date, timedelta

from wms.replenishment.capacity import DayOfWork, Work, bottlenecks, picking_lines

FIRST = date(2010, 11, 28)


def days(
    *lines: tuple[float, float],
    pick: float | None = 100,
    sort: float | None = None,
    waiting: int = 0,
) -> list[DayOfWork]:
    return [
        DayOfWork(FIRST + timedelta(days=at), waiting if at == 0 else 0, mean, high, pick, sort)
        for at, (mean, high) in enumerate(lines)
    ]


def test_a_day_beyond_the_capacity_is_told_and_how_sure_it_is() -> None:
    found = bottlenecks(days((60, 90), (80, 120), (130, 180), (10, 20)))
    assert [(each.day.day, each.sure) for each in found] == [(29, False), (30, True)]
    assert (found[1].lines, found[1].capacity) == (130, 100)


def test_what_a_day_leaves_undone_is_there_on_the_next() -> None:
    found = bottlenecks(days((150, 150), (80, 80), (10, 10)))
    assert [(each.day.day, each.lines) for each in found] == [(28, 150), (29, 130)]


def test_what_waits_already_counts_today() -> None:
    assert bottlenecks(days((50, 60))) == []
    [found] = bottlenecks(days((50, 60), waiting=70))
    assert found.lines == 120


def test_picking_and_sorting_are_judged_apart_and_only_where_they_are_known() -> None:
    found = bottlenecks(days((120, 120), pick=200, sort=100))
    assert [each.work for each in found] == [Work.SORTING]
    assert bottlenecks(days((900, 900), pick=None)) == []
    assert bottlenecks([]) == []


def test_told_pickers_count_before_what_was_done_on_the_best_day() -> None:
    assert picking_lines(3, 80, 7.5, best_day=900) == 1_800
    assert picking_lines(0, 80, 7.5, best_day=900) == 900
    assert picking_lines(0, 80, 7.5, best_day=0) is None

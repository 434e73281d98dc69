"""Events of the ring are taken once, in order, across torn entries and wrapping numbers."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from devices.sorter.register import EventType, Mode, RingEvent, Status
from devices.sorter.ring import RingReader, wire_sequence


def status(positions: Iterable[int], head: int) -> Status:
    events = tuple(RingEvent(wire_sequence(at), EventType.READ, track=at % 999) for at in positions)
    return Status(1, 1, Mode.AUTOMATIC, event_head=wire_sequence(head), events=events)


def test_an_empty_ring_gives_nothing() -> None:
    assert RingReader(0).take(status([], 0)) == []


def test_events_come_in_order_whatever_their_place() -> None:
    taken = RingReader(0).take(status([3, 1, 2], 3))
    assert [position for position, _ in taken] == [1, 2, 3]


def test_a_torn_entry_stops_the_reader_until_it_is_whole() -> None:
    reader = RingReader(0)
    assert [at for at, _ in reader.take(status([1, 3], 3))] == [1]
    assert reader.take(status([1, 3], 3)) == []
    assert [at for at, _ in reader.take(status([1, 2, 3], 3))] == [2, 3]
    assert reader.missed == 0


def test_an_event_written_before_its_head_waits() -> None:
    reader = RingReader(4)
    assert reader.take(status([4, 5], 4)) == []
    assert [at for at, _ in reader.take(status([4, 5], 5))] == [5]


def test_events_that_somebody_else_acknowledged_are_counted_after_two_equal_reads() -> None:
    reader = RingReader(0)
    ring = status(range(493, 501), 500)
    assert reader.take(ring) == []
    assert [at for at, _ in reader.take(ring)] == list(range(493, 501))
    assert reader.missed == 492


@given(
    st.integers(0, 3 * 65535).flatmap(
        lambda start: st.tuples(st.just(start), st.lists(st.integers(1, 8), max_size=30))
    )
)
def test_each_event_is_taken_once_across_the_wrap(case: tuple[int, list[int]]) -> None:
    start, bursts = case
    reader, head, seen = RingReader(start), start, []
    for burst in bursts:
        head += burst
        ring = range(max(1, head - 7), head + 1)
        seen += [at for at, _ in reader.take(status(ring, head))]
        assert reader.take(status(ring, head)) == []
    assert seen == list(range(start + 1, head + 1))
    assert reader.missed == 0

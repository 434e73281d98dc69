"""Events of the ring are taken once, in order, across torn entries and wrapping numbers."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from devices.sorter.message import EventType, Mode, RingEvent, Status
from devices.sorter.ring import RingReader, wire_sequence


def status(positions: Iterable[int], head: int, *, beat: int = 1, torn: int = 0) -> Status:
    events = tuple(RingEvent(wire_sequence(at), EventType.READ, track=at % 999) for at in positions)
    seq = wire_sequence(head)
    return Status(1, beat, Mode.AUTOMATIC, event_head=seq, events=events, torn=torn)


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


def test_events_that_somebody_else_acknowledged_are_counted_when_the_gap_stands() -> None:
    reader = RingReader(0)
    assert reader.take(status(range(493, 501), 500)) == []
    assert reader.take(status(range(493, 501), 500)) == []
    taken = reader.take(status(range(493, 501), 500, beat=2))
    assert [at for at, _ in taken] == list(range(493, 501))
    assert reader.missed == 492


def test_a_skipped_sequence_is_passed_though_older_entries_stay_in_the_ring() -> None:
    reader = RingReader(4)
    assert [at for at, _ in reader.take(status([3, 4, 5, 7], 7))] == [5]
    assert [at for at, _ in reader.take(status([3, 4, 5, 7], 7, beat=2))] == [7]
    assert reader.missed == 1


def test_a_torn_entry_is_no_gap_however_long_it_is_torn() -> None:
    reader = RingReader(1)
    for beat in range(5):
        assert reader.take(status([1, 3], 3, beat=beat, torn=1)) == []
    assert [at for at, _ in reader.take(status([1, 2, 3], 3, beat=9))] == [2, 3]
    assert reader.missed == 0


def test_a_head_written_before_its_entry_is_no_gap() -> None:
    reader = RingReader(500)
    assert reader.take(status(range(493, 501), 501)) == []
    assert reader.take(status(range(493, 501), 501, beat=2)) == []
    assert [at for at, _ in reader.take(status(range(494, 502), 501, beat=3))] == [501]
    assert reader.missed == 0


def test_a_duplicate_sequence_is_taken_once() -> None:
    reader = RingReader(0)
    assert [at for at, _ in reader.take(status([1, 1, 2], 2))] == [1, 2]
    assert reader.take(status([1, 2, 2], 2)) == []


def test_numbers_that_begin_anew_under_the_same_boot_stop_nothing() -> None:
    reader = RingReader(100)
    assert reader.take(status([1, 2], 2)) == []
    taken = reader.take(status([1, 2], 2, beat=2))
    assert [event.seq for _, event in taken] == [1, 2]


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


@given(
    st.one_of(st.integers(1, 3 * 65535), st.integers(65_520, 65_540)),
    st.integers(0, 8),
    st.lists(st.integers(0, 3), max_size=20),
)
def test_a_reader_that_knows_nothing_begins_with_the_oldest_in_the_ring_and_doubles_none(
    start: int, waiting: int, bursts: list[int]
) -> None:
    reader, head, beat, seen = RingReader(0), start + waiting, 0, []
    ring = list(range(start + 1, head + 1))
    for burst in [0, *bursts, 0]:
        room = range(head + 1, head + min(burst, 8 - len(ring)) + 1)
        ring, head = [*ring, *room], head + len(room)
        for _ in range(2):
            beat += 1
            seen += [event.seq for _, event in reader.take(status(ring, head, beat=beat))]
        # What was read is acknowledged.
        ring = [at for at in ring if wire_sequence(at) not in seen]
    assert seen == [wire_sequence(at) for at in range(start + 1, head + 1)]
    assert reader.position >= 0

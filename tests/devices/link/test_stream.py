"""Whatever the broker does to the order and the number of events, a stream puts it right."""

from hypothesis import given
from hypothesis import strategies as st

from devices.link.message import DeviceEvent
from devices.link.stream import WINDOW, Stream
from tests.devices.link.broker import AT


def event(seq: int) -> DeviceEvent:
    return DeviceEvent(7, seq, AT, str(seq))


@given(st.integers(0, 50), st.lists(st.integers(1, 60), max_size=200))
def test_events_come_out_once_in_order_and_are_announced_once(
    accepted: int, arrivals: list[int]
) -> None:
    stream = Stream(accepted)
    announced = [seq for seq in arrivals if stream.announce(event(seq))]
    out = [ready.seq for seq in arrivals for ready in stream.push(event(seq))]
    assert out == list(range(accepted + 1, stream.released + 1))
    assert sorted(announced) == sorted({seq for seq in arrivals if seq > accepted})
    assert stream.waiting == len({seq for seq in arrivals if seq > stream.released})


def test_an_event_far_ahead_is_left_to_be_sent_again() -> None:
    stream = Stream(0)
    assert not stream.announce(event(WINDOW + 1))
    assert stream.push(event(WINDOW + 1)) == []
    assert (stream.beyond, stream.waiting) == (1, 0)

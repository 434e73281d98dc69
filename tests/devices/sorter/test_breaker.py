"""The breaker waits longer after each failure, and never too long to miss a return."""

from devices.sorter.breaker import Breaker, Circuit
from devices.sorter.driver import SorterAddress


def test_pauses_grow_and_are_bounded() -> None:
    breaker = Breaker(first_s=0.05, longest_s=0.4)
    assert [breaker.fail() for _ in range(6)] == [0.05, 0.1, 0.2, 0.4, 0.4, 0.4]
    for _ in range(100):
        assert breaker.fail() == 0.4


def test_the_circuit_opens_is_probed_and_closes_again() -> None:
    breaker = Breaker(opens_after=2)
    steps = (breaker.fail, breaker.fail, breaker.probe, breaker.fail, breaker.probe, breaker.work)
    seen = []
    for step in steps:
        step()
        seen.append(breaker.circuit)
    closed, opened, probed = Circuit.CLOSED, Circuit.OPEN, Circuit.HALF_OPEN
    assert seen == [closed, opened, probed, opened, probed, closed]
    assert breaker.failures == 0


def test_a_plc_is_found_within_a_second_of_its_return_however_long_it_was_away() -> None:
    address = SorterAddress(host="127.0.0.1")
    assert address.reconnect_s + address.connect_s < 1.0

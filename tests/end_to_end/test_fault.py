"""What breaks on the way costs time, and no order, unit or label."""

from sim.fault import Fault
from tests.end_to_end.demo import new_home, outcome


def test_nothing_is_lost_when_everything_fails_and_each_fault_did() -> None:
    with new_home() as home:
        found = outcome(
            home.run("demo", "--orders", "6", "--seed", "7", "--faults", "all", "--json")
        )
    assert found["orders_shipped"] == 6
    assert found["faults_struck"].keys() == {fault.value for fault in Fault}
    assert [name for name, count in found["faults_struck"].items() if not count] == []

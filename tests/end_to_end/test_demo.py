"""Real orders go from the shop's POST to the handed-over parcel, and the same seed repeats."""

import json
from collections.abc import Iterator

import pytest

from tests.end_to_end.demo import ENDS_S, Home, new_home, outcome

DEMO = ("demo", "--orders", "6", "--seed", "7", "--json")
SAME = (
    "orders_accepted",
    "orders_shipped",
    "lines",
    "units_picked",
    "parcels",
    "labels_printed",
)


@pytest.fixture
def home() -> Iterator[Home]:
    with new_home() as home:
        yield home


def test_six_orders_ship_alike_twice_and_the_books_agree(home: Home) -> None:
    began = home.start(*DEMO)
    assert began.stderr is not None
    for line in began.stderr:
        if "starting the house" in line:
            break
    second = home.run(*DEMO)
    out, err = began.communicate(timeout=ENDS_S)
    assert second.returncode == 1
    assert "Another demo" in second.stderr
    assert "Traceback" not in second.stderr
    assert began.returncode == 0, err[-3_000:]
    once = json.loads(out)
    again = outcome(home.run(*DEMO))
    assert once["orders_accepted"] == once["orders_shipped"] == 6
    assert {name: once[name] for name in SAME} == {name: again[name] for name in SAME}
    books = home.run("check", "ledger", "--json")
    assert books.returncode == 0
    assert json.loads(books.stdout)["ok"]
    assert home.run("key", "create", "--shop", "A Real Shop").returncode == 0
    refused = home.run(*DEMO)
    assert refused.returncode == 1
    assert "holds a warehouse of yours" in refused.stderr
    assert "Traceback" not in refused.stderr

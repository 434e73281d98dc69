"""What is kept comes back whole or not at all, and the folder stays small."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.road import network as network_module
from routing.road.build import Built
from routing.road.network import RoadNetwork
from routing.road.profile import CAR, VAN
from routing.road.shelf import Shelf, digest_of
from tests.routing.road.town import Town, at

NUMBERS = {"numbers": np.arange(1000)}


def town(folder: Path) -> Path:
    drawn = Town()
    drawn.node("A", 0, 0)
    drawn.node("B", 1000, 0)
    drawn.way("AB")
    return drawn.write(folder)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "cache")
    assert shelf.get("one") is None
    shelf.put("one", NUMBERS)
    found = shelf.get("one")
    assert found is not None and (found["numbers"] == NUMBERS["numbers"]).all()


def test_what_is_damaged_is_as_good_as_gone(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put("one", NUMBERS)
    path = tmp_path / "one.roads"
    whole = path.read_bytes()
    for at_byte in (0, 40, len(whole) // 2, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at_byte] ^= 1
        path.write_bytes(damaged)
        assert shelf.get("one") is None
    for size in (0, 10, 32, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert shelf.get("one") is None
    path.write_bytes(whole)
    assert shelf.get("one") is not None


def test_the_longest_unread_go_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, bytes_max=30_000)
    for moment, name in enumerate(("a", "b", "c")):
        shelf.put(name, NUMBERS)
        os.utime(tmp_path / f"{name}.roads", (moment, moment))
    assert shelf.get("a") is not None
    shelf.put("d", NUMBERS)
    assert {path.stem for path in tmp_path.iterdir()} == {"a", "c", "d"}
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 30_000


def test_what_is_larger_than_the_folder_may_be_is_not_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, bytes_max=1000)
    shelf.put("one", NUMBERS)
    assert not list(tmp_path.iterdir())


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x" * 5000, "utf-8")
    shelf = Shelf(tmp_path, bytes_max=9000)
    shelf.put("one", NUMBERS)
    assert (tmp_path / "letter.txt").exists() and shelf.get("one") is not None


def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no space"):
        Shelf(tmp_path).put("one", NUMBERS)
    assert not list(tmp_path.iterdir())


@given(st.lists(st.binary(max_size=3), max_size=3), st.lists(st.binary(max_size=3), max_size=3))
def test_different_parts_have_different_names(one: list[bytes], other: list[bytes]) -> None:
    assert (digest_of(*one) == digest_of(*other)) == (one == other)


def never(*_: object) -> Built:
    raise AssertionError("built though it was kept")


def test_a_network_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extract, cache = town(tmp_path), tmp_path / "cache"
    points = [at(0, 0), at(700, 10)]
    first = RoadNetwork.open(extract, VAN, cache)
    wanted = first.travel(points, (0, 30_000))
    monkeypatch.setattr(network_module, "build", never)
    again = RoadNetwork.open(extract, VAN, cache)
    assert again.about == first.about
    for travel in (again.travel(points, (0, 30_000)), first.travel(points, (0, 30_000))):
        assert (travel.distance_m == wanted.distance_m).all()
        assert (travel.duration_s == wanted.duration_s).all()
        assert travel.since_s == wanted.since_s
    with pytest.raises(AssertionError, match="built"):
        RoadNetwork.open(extract, CAR, cache)


def test_a_damaged_network_is_built_anew(tmp_path: Path) -> None:
    extract, cache = town(tmp_path), tmp_path / "cache"
    points = [at(0, 0), at(700, 10)]
    wanted = RoadNetwork.open(extract, VAN, cache).travel(points)
    kept = sorted(cache.iterdir())
    assert len(kept) == 2
    for path in kept:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    found = RoadNetwork.open(extract, VAN, cache).travel(points)
    assert (found.distance_m == wanted.distance_m).all()
    # And they are whole again.
    assert all(Shelf(cache).get(path.stem) is not None for path in kept)


def test_other_points_slices_or_limits_are_other_tables(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    network = RoadNetwork.open(town(tmp_path), VAN, cache)
    points = [at(0, 0), at(700, 10)]
    network.travel(points)
    network.travel(points[::-1])
    network.travel(points, (0, 3600))
    network.travel(points, (0, 3600), midnight_s=60)
    network.travel(points, limit_m=20)
    assert len(list(cache.iterdir())) == 1 + 5


def test_a_changed_extract_is_another_network(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    extract = town(tmp_path)
    assert RoadNetwork.open(extract, VAN, cache).about.edges == 1
    drawn = Town()
    for name, east_m in (("A", 0), ("B", 1000), ("C", 2000)):
        drawn.node(name, east_m, 0)
    drawn.way("AB")
    drawn.way("BC")
    drawn.write(tmp_path)
    assert RoadNetwork.open(extract, VAN, cache).about.edges == 2

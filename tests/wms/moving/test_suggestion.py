"""Where goods should go: the order in which places are filled."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wms.moving.suggestion import Room, suggest


def room(place_id: int, **fields: Any) -> Room:
    known: dict[str, Any] = {"purpose": "forward", "walk_seq": place_id, "takes": 10, **fields}
    return Room(place_id, **known)


def test_the_same_item_is_joined_before_an_empty_place_is_opened() -> None:
    rooms = [room(1), room(2, here=5, empty=False), room(3, empty=False)]
    assert suggest(rooms, 25, ruled=False) == [(2, 10), (1, 10), (3, 5)]


def test_of_empty_places_the_nearest_comes_first() -> None:
    assert suggest([room(1, walk_seq=7), room(2, walk_seq=3)], 4, ruled=False) == [(2, 4)]


def test_the_same_lot_is_joined_before_another_lot() -> None:
    rooms = [
        room(1, here=5, empty=False),
        room(2, here=5, empty=False, same_lot=True),
    ]
    assert suggest(rooms, 3, ruled=False) == [(2, 3)]


def test_a_place_that_names_the_storage_class_comes_before_one_that_takes_all() -> None:
    assert suggest([room(1), room(2, names_class=True)], 3, ruled=False) == [(2, 3)]


def test_a_ruled_bin_is_filled_up_to_its_most_and_the_rest_goes_into_reserve() -> None:
    rooms = [
        room(1, here=2, empty=False, keeps=6),
        room(2, here=9, empty=False),
        room(3, purpose="reserve"),
        room(4, purpose="reserve", here=1, empty=False),
    ]
    assert suggest(rooms, 30, ruled=True) == [(1, 4), (4, 10), (3, 10), (2, 6)]


def test_a_ruled_bin_gets_nothing_beyond_its_most_although_it_has_room() -> None:
    assert suggest([room(1, here=8, empty=False, keeps=6)], 3, ruled=True) == []


def test_an_item_without_a_rule_goes_to_a_forward_bin_before_a_reserve_bin() -> None:
    rooms = [room(1, purpose="reserve"), room(2)]
    assert suggest(rooms, 12, ruled=False) == [(2, 10), (1, 2)]


ROOMS = st.lists(
    st.builds(
        Room,
        place_id=st.integers(1, 10**6),
        purpose=st.sampled_from(["forward", "reserve"]),
        walk_seq=st.integers(0, 9),
        takes=st.integers(0, 50),
        here=st.integers(0, 50),
        same_lot=st.booleans(),
        empty=st.booleans(),
        names_class=st.booleans(),
        keeps=st.none() | st.integers(1, 60),
    ),
    unique_by=lambda room: room.place_id,
    max_size=8,
)


@given(ROOMS, st.integers(1, 300), st.booleans())
def test_no_place_gets_more_than_it_takes_and_nothing_waits_while_there_is_room(
    rooms: list[Room], quantity: int, ruled: bool
) -> None:
    found = suggest(rooms, quantity, ruled=ruled)
    fits = {room.place_id: room.fits for room in rooms}
    assert len({place_id for place_id, _ in found}) == len(found)
    assert all(0 < put <= fits[place_id] for place_id, put in found)
    assert sum(put for _, put in found) == min(quantity, sum(fits.values()))

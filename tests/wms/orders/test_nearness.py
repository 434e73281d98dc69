"""How near a warehouse is: by coordinates where all have them, else by country and postal code."""

from wms.orders.nearness import Source, distances

LONDON = Source(1, "LONDON", 51.5, -0.12, "GB", "SE1 9GF")
BERLIN = Source(2, "BERLIN", 52.52, 13.4, "DE", "10115")
NOWHERE = Source(3, "NOWHERE")


def test_metres_on_the_great_circle_where_everybody_s_place_is_known() -> None:
    found = distances([LONDON, BERLIN], {"latitude": 48.86, "longitude": 2.35, "country": "FR"})
    assert 340_000 < found[1] < 350_000 and 870_000 < found[2] < 890_000


def test_one_place_that_is_not_known_makes_all_compare_by_country() -> None:
    at = {"latitude": 48.86, "longitude": 2.35, "country": "DE"}
    found = distances([LONDON, BERLIN, NOWHERE], at)
    assert found == {1: 100, 2: 50, 3: 100}


def test_postal_codes_that_begin_alike_are_near() -> None:
    north, south = Source(1, "N", 0, 0, "DE", "22041"), Source(2, "S", 0, 0, "DE", "80331")
    found = distances([north, south], {"country": "DE", "postal_code": "22 765"})
    assert found == {1: 48, 2: 50}
    assert distances([north, south], {"country": "DE"}) == {1: 50, 2: 50}


def test_nothing_known_of_anybody_is_equally_far() -> None:
    assert distances([NOWHERE, Source(4, "X")], {"country": "DE"}) == {3: 100, 4: 100}

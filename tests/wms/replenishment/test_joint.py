"""What one supplier brings to one warehouse, as one order."""

from hypothesis import given
from hypothesis import strategies as st

from wms.replenishment.joint import Part, ordered
from wms.replenishment.proposal import Offer, allowed_from
from wms.replenishment.purchase import OrderTerms, PriceBreak

TRUCK = OrderTerms(truck_mass_g=30_000)


def part(
    wanted: int,
    above: int = 0,
    *,
    demand: float = 1.0,
    minimum: int = 1,
    multiple: int = 1,
    price: int = 100,
    mass_g: float = 1_000.0,
    volume_ml: float = 1_000.0,
    scale: int = 0,
    terms: OrderTerms = TRUCK,
) -> Part:
    offer = Offer(
        1, "STOKE", 5, 0, minimum, multiple, (PriceBreak(1, price),), currency="EUR", terms=terms
    )
    least = allowed_from(wanted, minimum, multiple) if wanted else 0
    return Part(offer, least, demand, above, scale, mass_g, volume_ml)


def test_the_truck_is_filled_with_what_runs_out_first() -> None:
    first, second = ordered([part(10, -3), part(10, 2)], 60)
    assert (first.quantity, second.quantity) == (18, 12)
    assert first.notes == ("fills the truck with 8 more",)


def test_what_is_not_due_yet_joins_and_says_so() -> None:
    due, joins = ordered([part(10, -3), part(0, 1, multiple=6)], 60)
    assert due.quantity + joins.quantity == 30
    assert joins.notes == (f"fills the truck with {joins.quantity}, before it is due",)


def test_an_order_is_brought_to_the_least_that_it_has_to_come_to() -> None:
    terms = OrderTerms(minimum_order_minor=50_000)
    due, joins = ordered(
        [part(10, -10, price=2_000, terms=terms), part(0, 2, price=2_500, terms=terms)], 60
    )
    assert due.quantity * 2_000 + joins.quantity * 2_500 >= 50_000
    assert due.notes == (
        f"brings the order to the least of 500.00 EUR with {due.quantity - 10} more",
    )
    assert joins.notes == (
        f"brings the order to the least of 500.00 EUR with {joins.quantity}, before it is due",
    )


def test_an_order_that_cannot_be_worth_enough_says_why_and_stays_as_it_is() -> None:
    terms = OrderTerms(minimum_order_minor=50_000)
    due, joins = ordered([part(10, -3, terms=terms), part(0, 5, terms=terms)], 30)
    assert (due.quantity, joins.quantity) == (10, 0)
    assert due.notes == (
        (
            "the order comes to 10.00 EUR, below the least of 500.00 EUR: more would last beyond "
            "30 days"
        ),
    )
    assert joins.notes == ()


def test_a_truck_that_is_full_by_volume_is_full() -> None:
    terms = OrderTerms(truck_mass_g=1_000_000, truck_volume_ml=12_000)
    [only] = ordered([part(10, -10, terms=terms)], 60)
    assert only.quantity == 12


def test_a_truck_that_stays_empty_in_part_says_why() -> None:
    [only] = ordered([part(10, -3)], 20)
    assert only.quantity == 23
    assert only.notes == (
        "uses room in the truck for 13 more",
        "the last truck is 77 % full: nothing more fits, or it would last beyond 20 days",
    )


def test_metres_are_loaded_by_the_metre() -> None:
    [rope] = ordered([part(1_000, -1_000, demand=100, scale=2)], 60)
    # A metre of 100 smallest units weighs a kilogram, so thirty metres fill the truck.
    assert rope.quantity == 3_000
    assert rope.notes == ("fills the truck with 20.00 more",)


TERMS = st.builds(
    OrderTerms,
    minimum_order_minor=st.none() | st.integers(1, 200_000),
    truck_mass_g=st.none() | st.integers(1_000, 10**6),
    truck_volume_ml=st.none() | st.integers(1_000, 10**6),
)


@st.composite
def orders(draw: st.DrawFn) -> list[Part]:
    terms = draw(TERMS)
    return [
        part(
            draw(st.integers(0, 100)) or int(number == 0),
            draw(st.integers(-100, 300)),
            demand=draw(st.floats(0.01, 30)),
            minimum=draw(st.integers(1, 50)),
            multiple=draw(st.integers(1, 24)),
            price=draw(st.integers(1, 5_000)),
            mass_g=draw(st.integers(1, 5_000)),
            volume_ml=draw(st.integers(1, 5_000)),
            terms=terms,
        )
        for number in range(draw(st.integers(1, 5)))
    ]


def trucks(parts: list[Part], quantities: list[int]) -> int:
    terms = parts[0].offer.terms
    mass = sum(int(each.mass_g) * some for each, some in zip(parts, quantities, strict=True))
    volume = sum(int(each.volume_ml) * some for each, some in zip(parts, quantities, strict=True))
    counts = [
        -(-load // size)
        for load, size in ((mass, terms.truck_mass_g), (volume, terms.truck_volume_ml))
        if size is not None
    ]
    return max(counts, default=0)


@given(orders(), st.integers(1, 120))
def test_an_order_keeps_every_rule_that_it_is_made_by(parts: list[Part], days_max: int) -> None:
    terms = parts[0].offer.terms
    found = ordered(parts, days_max)
    quantities = [each.quantity for each in found]
    worth = sum(each.amount(some) for each, some in zip(parts, quantities, strict=True))
    for each, one in zip(parts, found, strict=True):
        assert one.quantity >= each.wanted
        assert one.quantity % each.offer.multiple == 0
        assert one.quantity == 0 or one.quantity >= each.offer.minimum
        if one.quantity > each.wanted:
            assert one.notes
            assert each.above + one.quantity <= days_max * each.demand * (1 + 1e-6)
    if terms.minimum_order_minor is None:
        assert trucks(parts, quantities) == trucks(parts, [each.wanted for each in parts])
    elif worth < terms.minimum_order_minor:
        assert all("below the least" in one.notes[0] for one in found if one.quantity)
    if not terms.joint:
        assert quantities == [each.wanted for each in parts]

"""Cut goods are packed as whole units, and the parcels hold exactly what the line wants."""

from hypothesis import given
from hypothesis import strategies as st

from wms.packing.carton import Unpacked, pack_item, whole_units

CABLE = {"width_mm": 50, "depth_mm": 50, "height_mm": 10, "mass_g": 40, "scale": 2}


def test_what_is_cut_off_a_whole_unit_counts_as_one() -> None:
    assert whole_units(3_360, 2) == 34
    assert whole_units(3_300, 2) == 33
    assert whole_units(5, 0) == 5
    assert pack_item(7, 3_360, CABLE).quantity == 34


@given(st.integers(1, 10**6), st.integers(0, 3), st.data())
def test_parcels_hold_together_what_the_line_wants(
    quantity: int, scale: int, data: st.DataObject
) -> None:
    left, units = Unpacked(quantity, scale), whole_units(quantity, scale)
    taken = 0
    while units:
        parcel = data.draw(st.integers(max(1, units // 3), units))
        taken += left.take(parcel)
        units -= parcel
    assert (taken, left.left) == (quantity, 0)

"""The numbers on a waybill."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gs1 import check_digit, is_sscc
from wms.shipping.waybill import waybill_numbers

PREFIX = "4012345"


@given(st.sets(st.integers(1, 10**9 - 1), min_size=2, max_size=20))
def test_each_serial_has_an_sscc_and_a_tracking_number_of_its_own(serials: set[int]) -> None:
    made = [waybill_numbers(PREFIX, serial, "standard", "GB", "LS1 4AP") for serial in serials]
    assert all(is_sscc(numbers.sscc) for numbers in made)
    assert len({numbers.sscc for numbers in made}) == len(serials)
    assert len({numbers.tracking_number for numbers in made}) == len(serials)


def test_a_tracking_number_ends_in_its_check_digit_and_country() -> None:
    number = waybill_numbers(PREFIX, 17, "standard", "gb", "LS1 4AP").tracking_number
    assert number == f"SL0000000017{check_digit('0000000017')}GB"


@pytest.mark.parametrize(
    ("postal_code", "service", "code"),
    [("ls1 4ap", "standard", "GB-LS1-S"), ("", "express", "GB-0-E"), ("  ", "standard", "GB-0-S")],
)
def test_a_routing_code_says_where_and_how(postal_code: str, service: str, code: str) -> None:
    assert waybill_numbers(PREFIX, 1, service, "GB", postal_code).routing_code == code


def test_a_serial_that_no_longer_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="serial"):
        waybill_numbers(PREFIX, 10**9 * 10, "standard", "GB", "LS1 4AP")

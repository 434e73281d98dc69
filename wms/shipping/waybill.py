"""The numbers on a waybill."""

from dataclasses import dataclass

from devices.gs1 import check_digit, sscc18


@dataclass(frozen=True, slots=True)
class WaybillNumbers:
    """What identifies a parcel to us (SSCC-18), to the carrier and its sorters."""

    sscc: str
    tracking_number: str
    routing_code: str


def waybill_numbers(
    company_prefix: str, serial: int, service: str, country: str, postal_code: str
) -> WaybillNumbers:
    """The numbers of the waybill with this serial.

    The routing code is the destination's country, the outward part of its postal code and the
    service's letter; the tracking number ends in a check digit (modulo 10).

    Raises:
        ValueError: the serial no longer fits behind the company prefix.
    """
    digits = f"{serial:010d}"
    outward = postal_code.upper().split()[0] if postal_code.strip() else "0"
    return WaybillNumbers(
        sscc18(company_prefix, serial),
        f"SL{digits}{check_digit(digits)}{country.upper()}",
        f"{country.upper()}-{outward}-{service[:1].upper()}",
    )

"""A label that could not be scanned or read is refused before it is drawn, and says which field."""

from collections.abc import Callable
from datetime import date

import pytest

from devices.label import (
    BinLabel,
    ItemLabel,
    Label,
    LabelRefused,
    PalletLabel,
    ToteLabel,
    render_zpl,
)
from tests.devices.label.sample import GTIN, SSCC, pallet, parcel

WRONG_SSCC = SSCC[:-1] + str((int(SSCC[-1]) + 1) % 10)


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("sscc", lambda: parcel(sscc=WRONG_SSCC)),
        ("tracking_number", lambda: parcel(tracking_number="A^XZ")),
        ("tracking_number", lambda: parcel(tracking_number="")),
        ("tracking_number", lambda: parcel(tracking_number="A" * 31)),
        ("routing_code", lambda: parcel(routing_code=" ")),
        ("routing_code", lambda: parcel(routing_code="A" * 15)),
        ("recipient", lambda: parcel(recipient=())),
        ("recipient", lambda: parcel(recipient=("  ", "\n"))),
        ("recipient", lambda: parcel(recipient=("a",) * 13)),
        ("recipient", lambda: parcel(recipient=("a" * 301,))),
        ("service", lambda: parcel(service="")),
        ("number", lambda: parcel(number=4, parcels=3)),
        ("mass_g", lambda: parcel(mass_g=-1)),
        ("edition", lambda: parcel(edition=0)),
        ("code", lambda: BinLabel("T-00001")),
        ("code", lambda: BinLabel("a-01-02-3")),
        ("code", lambda: BinLabel("A-01-02-3^XZ")),
        ("check", lambda: BinLabel("A-01-02-3", check="12345")),
        ("code", lambda: ToteLabel("A-01-02-3")),
        ("gtin", lambda: ItemLabel("x")),
        ("gtin", lambda: ItemLabel("x", GTIN[:-1] + "2")),
        ("sku", lambda: ItemLabel("x", sku="Schöne")),
        ("sku", lambda: ItemLabel("x", sku="tab\there")),
        ("lot", lambda: ItemLabel("x", GTIN, lot="two words")),
        ("lot", lambda: ItemLabel("x", GTIN, lot="L^1")),
        ("lot", lambda: ItemLabel("x", GTIN, lot="L" * 21)),
        ("expiry", lambda: ItemLabel("x", GTIN, expiry=date(1999, 12, 31))),
        ("sscc", lambda: PalletLabel(WRONG_SSCC)),
        ("count", lambda: pallet(count=0)),
        ("count", lambda: pallet(gtin="")),
        ("gtin", lambda: pallet(gtin="", count=0)),
        ("count", lambda: pallet(count=100_000_000)),
    ],
)
def test_nonsense_is_refused_with_its_field(field: str, make: Callable[[], Label]) -> None:
    with pytest.raises(LabelRefused) as refused:
        make()
    assert refused.value.field == field
    assert str(refused.value)


def test_a_neutral_parcel_never_names_the_house() -> None:
    house, shop = "Stowline Coventry", "Fine Gifts"
    usual = render_zpl(parcel(sender=house, neutral_sender=shop))
    neutral = render_zpl(parcel(sender=house, neutral_sender=shop, neutral=True))
    nobody = render_zpl(parcel(sender=house, neutral=True))
    assert "Stowline" in usual and "Fine_20Gifts" not in usual
    assert "Stowline" not in neutral and "Fine_20Gifts" in neutral
    assert "Stowline" not in nobody


@pytest.mark.parametrize("dpi", [0, 152, 204, 1200])
def test_a_resolution_that_no_printer_has_is_refused(dpi: int) -> None:
    with pytest.raises(ValueError, match="resolution"):
        render_zpl(parcel(), dpi)


def test_a_reprint_says_so() -> None:
    assert "Print_202" in render_zpl(parcel(edition=2))
    assert "Print_20" not in render_zpl(parcel())

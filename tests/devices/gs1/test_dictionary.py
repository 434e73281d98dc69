"""The dictionary is read whole, and every rule that it names is known here."""

from devices.gs1 import identifiers
from devices.gs1.check import CHECKS
from devices.gs1.dictionary import identifier_at, names


def test_every_identifier_is_read() -> None:
    known = identifiers()
    assert len(known) == 541
    assert (known["00"].title, known["3925"].title, known["99"].title) == (
        "SSCC",
        "PRICE",
        "INTERNAL",
    )
    assert identifiers() is known


def test_every_check_that_the_dictionary_names_is_known() -> None:
    named = {
        check
        for identifier in identifiers().values()
        for component in identifier.components
        for check in component.checks
    }
    assert named == set(CHECKS)


def test_an_entry_says_form_separator_company_and_digital_link() -> None:
    gtin, lot, content, grai = (identifiers()[ai] for ai in ("01", "10", "02", "8003"))
    assert (gtin.least, gtin.most, gtin.separated, gtin.attribute) == (14, 14, False, True)
    assert gtin.qualifiers == (("22", "10", "21"), ("235",))
    assert gtin.excluded == ("255", "37")
    assert (lot.least, lot.most, lot.separated, lot.qualifiers) == (1, 20, True, None)
    assert lot.required == ((("01",), ("02",), ("03",), ("8006",), ("8026",)),)
    assert content.required == ((("37",),),)
    assert (grai.least, grai.most, grai.qualifiers) == (14, 30, ((),))
    assert [part.optional for part in grai.components] == [False, False, True]
    assert identifiers()["7258"].required == ((("8018", "7259"),),)
    assert identifiers()["250"].required == ((("01",), ("8006",)), (("21",),))


def test_no_identifier_begins_another() -> None:
    known = tuple(identifiers())
    assert not [one for one in known for other in known if one != other and one.startswith(other)]
    found = identifier_at("3103000123")
    assert found is not None and found.ai == "3103"
    assert identifier_at("0") is identifier_at("") is identifier_at("9") is None


def test_a_pattern_means_the_identifiers_of_its_digits() -> None:
    assert names("394n", "3940") and names("35nn", "3571") and names("8111", "8111")
    assert not names("394n", "3950") and not names("394n", "39") and not names("01", "02")

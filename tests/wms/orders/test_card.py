"""What is a card number, and what only looks like one."""

import pytest

from devices.gs1 import check_digit, sscc18
from wms.orders.card import Context, holds_card

# Numbers that issuers give out for tests.
CARDS = (
    "4111111111111111",
    "4242424242424242",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "30569309025904",
    "6200000000000005",
)


def _luhn(digits: str) -> str:
    """The digits with a card's check digit."""
    for last in "0123456789":
        total = 0
        for place, digit in enumerate(reversed(digits + last)):
            value = int(digit) * (1 + place % 2)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return digits + last
    raise AssertionError


@pytest.mark.parametrize("number", CARDS)
def test_an_issuer_s_number_is_found_in_a_person_s_words(number: str) -> None:
    assert holds_card(number)
    assert holds_card(f"please charge {number}, thanks")
    assert holds_card(f"ch_{number}")


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111\u00a01111\u20111111\u00a01111",
        "4111  1111  1111  1111",
        "3782 822463 10005",
        "room 12 4111 1111 1111 1111 until 12/29",
        "\uff14\uff11\uff11\uff11" + "1" * 12,
        "4111\u200b111111111111",
        "\u0664" + "1" * 15,
    ],
)
def test_however_it_is_written(text: str) -> None:
    assert holds_card(text)
    for context in (Context.IDENTIFIER, Context.PHONE):
        grouped = any(one in text for one in " -.\u00a0")
        assert holds_card(text, context) or (context is Context.IDENTIFIER and not grouped)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # its check digit is wrong
        "9111111111111115",  # nobody issues it
        "411111111111111",  # one digit short
        _luhn("4200002081202311" * 2)[:28],  # a payment's number of a wallet: longer than a card
        _luhn("1234567890123456"),
        "1 High Street, LU1 2AB",
        "",
        "ch_3NqW4111",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not holds_card(text)


def test_a_gtin_that_passes_a_card_s_check_digit_is_none() -> None:
    # German GTINs begin like Visa's old numbers of 13 digits.
    both = [
        digits + str(check_digit(digits))
        for digits in (f"40063813{n:04d}" for n in range(400))
        if _luhn(digits)[-1] == str(check_digit(digits))
    ]
    assert both
    assert not any(holds_card(gtin) for gtin in both)
    assert holds_card("4222222222222")


def test_an_sscc_that_passes_a_card_s_check_digit_is_none() -> None:
    both = [code for code in (sscc18("5301234", n) for n in range(400)) if _luhn(code[:-1]) == code]
    extension = [f"3{code[1:]}" for code in both]
    assert both
    assert not any(holds_card(code) or holds_card(f"(00){code}") for code in both)
    assert not any(holds_card(code, Context.IDENTIFIER) for code in extension)


def test_an_order_number_of_sixteen_digits_is_none_unless_it_is_written_as_a_card() -> None:
    number = _luhn("400000202612310")
    assert holds_card(number)
    assert not holds_card(number, Context.IDENTIFIER)
    grouped = " ".join(number[at : at + 4] for at in range(0, 16, 4))
    assert holds_card(grouped, Context.IDENTIFIER)


@pytest.mark.parametrize(
    "text", ["+49 170 1234567", "+34 612 345 678", "0049 1701234567", "+378 2822 4631 0005"]
)
def test_a_telephone_number_is_none(text: str) -> None:
    assert not holds_card(text, Context.PHONE)
    assert not holds_card(f"call {text} before noon")


def test_a_card_in_the_telephone_s_place_is_one() -> None:
    assert holds_card("4111 1111 1111 1111", Context.PHONE)
    assert holds_card("378282246310005", Context.PHONE)

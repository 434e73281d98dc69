"""Telephone numbers in the one spelling that carriers and senders of messages take."""

import phonenumbers

PHONE_MAX = 40


def e164(text: str, country: str) -> str | None:
    """A number as `+441582123456`; None where it is none of that country or of the world."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def canonical_phone(text: str, country: str) -> str:
    """The number in E.164 where it can be, else as it was written."""
    return e164(text, country) or text.strip()


def country_of_phone(text: str) -> str:
    """The country of a number in E.164; empty where it is of none, or written otherwise."""
    if not text.startswith("+"):
        return ""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(number) or ""

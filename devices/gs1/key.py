"""GS1 keys: check digit, SSCC and GTIN.

Source: GS1 General Specifications 24, 3 and 7.9.1 (check digit).
"""

GTIN_LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """Compute the modulo-10 check digit that follows these digits.

    Raises: ValueError for anything but digits.
    """
    if not is_digits(digits):
        raise ValueError(f"{digits!r} is not all digits")
    weighted = sum(map(int, digits[-2::-2])) + 3 * sum(map(int, digits[::-2]))
    return -weighted % 10


def is_sscc(code: str) -> bool:
    """Tell whether a code is 18 digits of which the last is the right check digit."""
    return len(code) == 18 and is_checked(code)


def is_gtin(code: str) -> bool:
    """Tell whether a code is 8, 12, 13 or 14 digits of which the last is the right check digit."""
    return len(code) in GTIN_LENGTHS and is_checked(code)


def gtin14(code: str) -> str:
    """Give a GTIN in its 14-digit form.

    Raises: ValueError when the length or the check digit is wrong.
    """
    if not is_gtin(code):
        raise ValueError(f"{code!r} is no GTIN: wrong length or check digit")
    return code.zfill(14)


def sscc18(company_prefix: str, serial: int, extension: int = 0) -> str:
    """Build an SSCC-18 from a company prefix of 4 to 12 digits and a serial number.

    Raises: ValueError when they do not fit into the 17 digits before the check digit.
    """
    if not is_digits(company_prefix) or not 4 <= len(company_prefix) <= 12:
        raise ValueError(f"{company_prefix!r} is no company prefix: 4 to 12 digits")
    if not 0 <= extension <= 9:
        raise ValueError(f"the extension digit {extension} is not 0 to 9")
    width = 16 - len(company_prefix)
    if not 0 <= serial < 10**width:
        raise ValueError(f"serial {serial} does not fit into {width} digits")
    digits = f"{extension}{company_prefix}{serial:0{width}d}"
    return f"{digits}{check_digit(digits)}"


def gs1_128_sscc_payload(sscc: str) -> str:
    """Give the element string of an SSCC as a GS1-128 symbol carries it after FNC1.

    Raises: ValueError when the SSCC's check digit is wrong.
    """
    if not is_sscc(sscc):
        raise ValueError(f"{sscc!r} is no SSCC: 18 digits with a check digit")
    return f"00{sscc}"


def is_checked(code: str) -> bool:
    """Tell whether a code is digits of which the last is the check digit of those before it."""
    return is_digits(code) and len(code) > 1 and check_digit(code[:-1]) == int(code[-1])


def is_digits(text: str) -> bool:
    """Tell whether a text is one digit 0 to 9 or more, and nothing else."""
    return text.isascii() and text.isdecimal()

"""How many digits a currency has behind the point."""

# Where it is not two. Source: ISO 4217.
_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
         "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip


def digits_of(currency: str) -> int:
    """How many of an amount's minor digits stand behind the point, by ISO 4217 code."""
    return _DIGITS.get(currency, 2)

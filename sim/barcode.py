"""What a scanner reads from a printed label."""

import re

_BARS = re.compile(rb"\^BC[^^]*(?:\^FH(.)?)?\^FD(.*?)\^FS", re.DOTALL)
_SSCC = re.compile(r"00(\d{18})")


def read_sscc(zpl: bytes) -> str | None:
    """Read a label's SSCC as a scanner would: from a bar code that says it is GS1-128."""
    for escape, data in _BARS.findall(zpl):
        text = data.decode("latin-1")
        sign = escape.decode("latin-1") or "_"
        if b"^FH" in zpl and sign in text:
            text = re.sub(
                re.escape(sign) + r"([0-9A-Fa-f]{2})", lambda hit: chr(int(hit[1], 16)), text
            )
        # FNC1 in first position, after the start code, is what makes a Code 128 a GS1-128.
        marked = re.fullmatch(r"(?:>[9:;])?>8(.*)", text)
        found = _SSCC.match(re.sub(r">[5678]", "", marked[1])) if marked else None
        if found:
            return found[1]
    return None

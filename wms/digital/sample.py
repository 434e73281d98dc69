"""Samples: what an order of the sandbox gets in place of codes, so that receiving them is tried.

A sample is nobody's code and never was in the vault. Whoever sees one knows it for what it is.
"""

from base64 import b32encode
from hashlib import sha256

from wms.digital.digital import LINK

# Nobody can have a domain below it. Source: RFC 2606, clause 2.
LINKS = "https://samples.example/"
MARK = b"sample/"
_BYTES = 5


def sample_code(digital: str, order_id: int, line_id: int, number: int) -> str:
    """What unit `number` of a fulfilment line gets, the same however often it is asked for."""
    said = b32encode(sha256(f"{order_id} {line_id} {number}".encode()).digest()[:_BYTES]).decode()
    text = f"SAMPLE-{said[:4]}-{said[4:]}"
    return LINKS + text if digital == LINK else text


def sample_mark(delivery_id: int) -> bytes:
    """What a sample is kept under, where a code has its fingerprint: shorter than any of those."""
    return MARK + str(delivery_id).encode()

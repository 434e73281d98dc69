"""DataWedge intents: what Zebra's Android handhelds send for a scan.

Source: Zebra DataWedge 11, Intent Output: extras com.symbol.datawedge.*.
"""

from collections.abc import Mapping, Sequence

from devices.error import DecodeError
from devices.scan.reading import Reading
from devices.scan.wedge import PLAIN_WEDGE, WedgeFormat, read_wedge

CODES_MAX = 32
_EXTRA = "com.symbol.datawedge."
# The label's type names the symbology where the reader does not send its identifier. A QR code and
# a Data Matrix may be either kind, so they are told by what they hold.
_AIMS = {
    "EAN128": "]C1",
    "GS1-128": "]C1",
    "CODE128": "]C0",
    "CODE39": "]A0",
    "CODE93": "]G0",
    "EAN13": "]E0",
    "UPCA": "]E0",
    "UPCE0": "",
    "UPCE1": "",
    "EAN8": "]E4",
    "I2OF5": "]I0",
    "ITF14": "]I1",
    "GS1-DATABAR": "]e0",
    "GS1-DATABAR-LIM": "]e0",
    "GS1-DATABAR-EXP": "]e0",
    "GS1-DATAMATRIX": "]d2",
    "GS1-QRCODE": "]Q3",
}


def read_intent(
    extras: Mapping[str, object], wedge: WedgeFormat = PLAIN_WEDGE
) -> tuple[Reading, ...]:
    """Read the codes of one trigger pull: one, or several where the reader decodes many at once.

    Names may have lost `com.symbol.datawedge.`; prefix and suffix are those of the basic formatting
    plug-in.

    Raises: DecodeError.
    """
    several = _extra(extras, "barcodes")
    if several is None:
        return (_reading(extras, wedge),)
    if not isinstance(several, Sequence) or isinstance(several, str | bytes):
        raise DecodeError("barcodes: a list of codes is wanted")
    if not 0 < len(several) <= CODES_MAX:
        raise DecodeError(f"barcodes: 1 to {CODES_MAX} codes are wanted")
    if not all(isinstance(each, Mapping) for each in several):
        raise DecodeError("barcodes: each is an object of its own")
    return tuple(_reading(each, wedge) for each in several)


def _reading(extras: Mapping[str, object], wedge: WedgeFormat) -> Reading:
    text = _extra(extras, "data_string")
    if text is None:
        text = _decoded(_extra(extras, "decode_data"))
    if not isinstance(text, str):
        raise DecodeError("data_string: a text is wanted")
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise DecodeError("data_string: holds a character that is none")
    label = _extra(extras, "label_type")
    if label is not None and not isinstance(label, str):
        raise DecodeError("label_type: a text is wanted")
    reading = read_wedge(text, wedge)
    if reading.aim:
        return reading
    kind = (label or "").upper().removeprefix("LABEL-TYPE-")
    return Reading(reading.raw, _AIMS.get(kind, ""))


def _extra(extras: Mapping[str, object], name: str) -> object:
    value = extras.get(_EXTRA + name)
    return extras.get(name) if value is None else value


def _decoded(blocks: object) -> str:
    """The bytes as they were decoded: a list of blocks, each a list of Java's signed bytes."""
    if not isinstance(blocks, list) or not blocks:
        raise DecodeError("the intent holds neither data_string nor decode_data")
    numbers = [number for block in blocks for number in (block if type(block) is list else [block])]
    if not all(type(number) is int and -128 <= number <= 255 for number in numbers):
        raise DecodeError("decode_data: bytes are wanted")
    data = bytes(number % 256 for number in numbers)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")

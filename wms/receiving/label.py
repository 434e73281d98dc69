"""What a label on goods says of them: lot, serial, last day and number, as GS1 prints them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from devices.gs1 import parse_scan

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class GoodsLabel:
    """What was read beside the item's own number; empty where the label does not say."""

    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    count: int | None = None


def goods_label(raw: str, today: date) -> GoodsLabel:
    """What the element strings of a scan say of the goods.

    Source: GS1 General Specifications 24, 3: application identifiers 10, 15, 17, 21, 30 and 37.
    """
    scan = parse_scan(raw)
    last_day = scan.element("17") or scan.element("15")
    count = scan.element("30") or scan.element("37")
    return GoodsLabel(
        lot=scan.element("10") or "",
        serial=scan.element("21") or "",
        expires_on=None if last_day is None else gs1_date(last_day, today),
        count=None if count is None or not int(count) else int(count),
    )


def gs1_date(text: str, today: date) -> date:
    """The day that six digits YYMMDD mean; the day 00 is the last of its month.

    A year lies at most 49 years back and 50 ahead.

    Source: GS1 General Specifications 24, 3.4.2 and 7.12.

    Raises:
        ValueError: this is no date.
    """
    if len(text) != 6 or not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text!r} is no date: six digits YYMMDD")
    year = today.year // 100 * 100 + int(text[:2])
    if year - today.year > 50:
        year -= 100
    elif year - today.year < -49:
        year += 100
    month, day = int(text[2:4]), int(text[4:])
    if not 1 <= month <= 12:
        raise ValueError(f"{text!r} is no date: there is no month {month}")
    return date(year, month, day or monthrange(year, month)[1])


def typed_date(text: str, today: date) -> date:
    """The day that somebody typed, as 2027-01-31 or 270131, or scanned as (17)270131.

    Raises:
        ValueError: this is no date.
    """
    text = text.strip()
    if _ISO.fullmatch(text):
        return date.fromisoformat(text)
    return gs1_date(parse_scan(text).element("17") or text, today)

"""Handling units that stand in the house: what they may be called."""

import re
from enum import StrEnum

from devices.gs1 import is_sscc
from wms.error import Refused

LICENCE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,29}")
SSCC = re.compile(r"[0-9]{18}")


class UnitKind(StrEnum):
    """Units that people make up; totes and parcels come with their orders."""

    CASE = "case"
    PALLET = "pallet"


def check_licence(code: str) -> None:
    """Nothing, where a code is a licence plate (LPN) or an SSCC that is right.

    Raises:
        Refused: `bad_sscc`, eighteen digits of which the last is not the check digit; `bad_code`.
    """
    if SSCC.fullmatch(code) and not is_sscc(code):
        raise Refused("bad_sscc", f"{code}: the last digit of this SSCC is wrong.", "/code")
    if not LICENCE.fullmatch(code):
        raise Refused("bad_code", "A code has 1 to 30 capitals, digits and hyphens.", "/code")

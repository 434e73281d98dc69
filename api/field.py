"""Kinds of fields that requests share."""

from datetime import datetime, time
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, WithJsonSchema

from wms.items.tracking import FIRST_DAY, LAST_DAY

ROW_MAX = 2**63 - 1


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("no text may hold the character NUL")
    return text


def _possible_moment(at: datetime) -> datetime:
    # The first and last days of the calendar are in other time zones no days at all.
    if not FIRST_DAY.year <= at.year < LAST_DAY.year:
        raise ValueError(f"a moment lies between {FIRST_DAY.year} and {LAST_DAY.year}")
    return at


def _without_offset(of_day: time) -> time:
    if of_day.tzinfo is not None:
        raise ValueError("a time of day has no offset: it is by the clocks of the warehouse")
    return of_day


# PostgreSQL keeps every character but this one. It stands behind constraints, which it would hide.
NO_NUL = AfterValidator(_without_nul)
Words = Annotated[str, NO_NUL]
Moment = Annotated[AwareDatetime, AfterValidator(_possible_moment)]
# OpenAPI's format `time` wants an offset, which a time of day by the warehouse's clocks has not.
TimeOfDay = Annotated[
    time,
    AfterValidator(_without_offset),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$"}),
]
RowId = Annotated[int, Path(ge=1, le=ROW_MAX)]

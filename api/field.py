"""Kinds of fields that requests share."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator

ROW_MAX = 2**63 - 1


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("no text may hold the character NUL")
    return text


# PostgreSQL keeps every character but this one. It stands behind constraints, which it would hide.
NO_NUL = AfterValidator(_without_nul)
Words = Annotated[str, NO_NUL]
RowId = Annotated[int, Path(ge=1, le=ROW_MAX)]

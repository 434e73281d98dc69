"""Which version of a thing was seen by who wants it changed."""

import re
from typing import Annotated

from fastapi import Depends, Header

from api.problems import BorderError, Problem

_TAG = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
# What a path answers, beside the rest, that may be told the version, and that wants to be.
CHANGED: dict[int | str, dict[str, object]] = {
    412: {"model": Problem, "description": "It has another version by now."},
}
STALE: dict[int | str, dict[str, object]] = CHANGED | {
    428: {"model": Problem, "description": "The version that was seen is missing: `If-Match`."},
}

# An answer that says the version of the order in it.
TAGGED: dict[str, object] = {
    "headers": {
        "ETag": {
            "description": "The order's version, as `If-Match` of an edit wants it.",
            "schema": {"type": "string"},
            "example": '"3"',
        }
    }
}


def entity_tag(version: object) -> str:
    """A version as `ETag` says it."""
    return f'"{version}"'


async def seen_version(
    if_match: Annotated[
        str | None,
        Header(
            description='the `version` of the fulfilment order that was seen, as `"3"`; '
            "left out or `*`, whichever it is"
        ),
    ] = None,
) -> int | None:
    """The version that a change is meant for; None for whichever it is.

    Raises:
        BorderError: 400 `bad_if_match`.
    """
    return None if if_match is None else _version(if_match)


async def wanted_version(
    if_match: Annotated[
        str | None,
        Header(description='the `ETag` that was seen, as `"3"`; `*` is whichever it is'),
    ] = None,
) -> int | None:
    """The version that a change is meant for, which has to be said; None for whichever it is.

    Raises:
        BorderError: 428 `if_match_missing`, 400 `bad_if_match`. Source: RFC 6585, clause 3.
    """
    if if_match is None:
        raise BorderError(
            428, "if_match_missing", "Send If-Match with the ETag of what you have seen."
        )
    return _version(if_match)


def _version(if_match: str) -> int | None:
    if if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise BorderError(400, "bad_if_match", 'If-Match names one version, as "3".')
    return int(found[1])


SeenVersion = Annotated[int | None, Depends(seen_version)]
WantedVersion = Annotated[int | None, Depends(wanted_version)]

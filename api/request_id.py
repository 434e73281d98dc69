"""Every request has an id, which its answer, our logs and the audit log carry; and its limits."""

import re
import uuid
from math import ceil

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.limit import Left
from wms.database.pool import REQUEST_ID

HEADER = "X-Request-Id"
_NAME = HEADER.lower().encode()
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,99}")
_SAID = "stowline.said"


class Identified:
    """Gives each request the id that it came with, or one of its own, and its answer too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on inside its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or f"req_{uuid.uuid4().hex}"
        said: dict[str, str] = {HEADER: request_id}
        scope[_SAID] = said

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in said.items():
                    headers[name] = value
            await send(message)

        token = REQUEST_ID.set(request_id)
        try:
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                await self._app(scope, receive, say)
        finally:
            REQUEST_ID.reset(token)


def say_limit(scope: Scope, left: Left) -> None:
    """Tells in the answer what the key may send, and what it has left.

    Source: draft-ietf-httpapi-ratelimit-headers-10, clauses 3 and 4.
    """
    limit = left.limit
    said = scope.get(_SAID)
    if said is None:
        return
    window_s = max(1, ceil(limit.burst / limit.per_s))
    until_full_s = ceil(max(limit.burst - left.requests, 0) / limit.per_s)
    said["RateLimit-Policy"] = f'"key";q={limit.burst};w={window_s}'
    said["RateLimit"] = f'"key";r={left.requests};t={until_full_s}'


def _given(scope: Scope) -> str | None:
    """The id that the request came with, where it is one that may stand in headers and logs."""
    for name, value in scope["headers"]:
        if name == _NAME:
            text: str = value.decode("latin-1")
            return text if _SANE.fullmatch(text) else None
    return None

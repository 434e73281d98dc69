"""Refusals as RFC 9457 problem details; the only place that knows HTTP's numbers."""

from collections.abc import Awaitable, Callable, Mapping
from math import ceil
from typing import Annotated

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from devices.error import DeviceError
from routing.error import NoPlan
from wms.database.pool import REQUEST_ID
from wms.error import Conflict, NotFound, Refused, WmsError

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[Exception], int] = {NotFound: 404, Conflict: 409, Refused: 422}
# Some refusals are the border's own business although a command found them.
STATUS_OF_CODE = {
    "no_session": 401,
    "sign_in_refused": 401,
    "stale_version": 412,
    "version_differs": 412,
    "sign_in_braked": 429,
}
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    411: "Length wanted",
    412: "Changed meanwhile",
    413: "Too large",
    422: "Refused",
    428: "Version wanted",
    429: "Too many requests",
    500: "Our fault",
    503: "Not available",
}
CODES = {400: "unparsable", 404: "no_such_path", 405: "method_not_allowed"}
log = structlog.get_logger()


class Problem(BaseModel):
    """A problem document (RFC 9457) with a stable `code`; `request_id` finds it in our logs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:stowline:problem:unknown_item",
                    "title": "Refused",
                    "status": 422,
                    "detail": "There is no item CUP.",
                    "code": "unknown_item",
                    "pointer": "/lines/0/sku",
                    "request_id": "req_7c1f9e0e0d3c4e5b9f3f1a2b3c4d5e6f",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    pointer: str | None = None
    request_id: str | None = None
    limit: Annotated[int | None, Field(description="how many one buyer gets at most")] = None
    remaining: Annotated[int | None, Field(description="how many of those are left")] = None


class BorderError(Exception):
    """A refusal of the border itself, with its HTTP number."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        pointer: str | None = None,
        *,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.retry_after_s = retry_after_s


def problem(
    status: int,
    code: str,
    detail: str,
    pointer: str | None = None,
    *,
    retry_after_s: float | None = None,
    facts: Mapping[str, int] | None = None,
) -> JSONResponse:
    """A problem document as an answer; `facts` are members of it."""
    body: dict[str, object] = {
        "type": f"urn:stowline:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if pointer is not None:
        body["pointer"] = pointer
    body |= facts or {}
    if request_id := REQUEST_ID.get():
        body["request_id"] = request_id
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if retry_after_s is not None:
        headers["Retry-After"] = str(max(1, ceil(retry_after_s)))
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""
    handlers: list[tuple[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]]]
    handlers = [
        (WmsError, _wms_error),
        (BorderError, _border_error),
        (RequestValidationError, _invalid_body),
        (HTTPException, _http_error),
        (NoPlan, _no_plan),
        (DeviceError, _device_error),
        (Exception, _our_fault),
    ]
    for kind, handler in handlers:
        app.add_exception_handler(kind, handler)


class BodyLimit:
    """Refuses a body that says it is larger than this; one that says nothing must say so.

    The server itself holds a body to the length that it was announced with.
    """

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on what is small enough."""
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        await (self._app if refusal is None else refusal)(scope, receive, send)

    def _refusal(self, headers: Headers) -> JSONResponse | None:
        length = headers.get("content-length")
        if length is None:
            if "transfer-encoding" in headers:
                return problem(411, "length_missing", "Send a Content-Length.")
            return None
        if not length.isdecimal() or int(length) > self._bytes_max:
            return problem(
                413, "too_large", f"A body has at most {self._bytes_max} bytes: send it in parts."
            )
        return None


async def _wms_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WmsError)
    status = STATUS_OF_CODE.get(error.code) or STATUS[type(error)]
    answer = problem(
        status,
        error.code,
        error.detail,
        error.pointer,
        retry_after_s=error.retry_after_s,
        facts=error.facts,
    )
    if error.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


async def _border_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BorderError)
    return problem(
        error.status, error.code, error.detail, error.pointer, retry_after_s=error.retry_after_s
    )


async def _invalid_body(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = first["loc"]
    if first["type"] == "json_invalid":
        return problem(400, "unparsable", "The body is not JSON.")
    detail = f"{'.'.join(str(part) for part in where)}: {first['msg']}"
    if where[0] != "body":
        return problem(422, "invalid_parameter", detail)
    return problem(422, "invalid_body", detail, _pointer(where[1:]))


def _pointer(parts: tuple[str | int, ...]) -> str:
    """A JSON pointer. Source: RFC 6901, clause 3."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "http_error")
    answer = problem(error.status_code, code, str(error.detail))
    # A 405 has to name the methods that are allowed.
    answer.headers.update(error.headers or {})
    return answer


async def _no_plan(request: Request, error: Exception) -> JSONResponse:
    return problem(409, "no_plan", str(error))


async def _device_error(request: Request, error: Exception) -> JSONResponse:
    return problem(503, "device_error", str(error))


async def _our_fault(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", path=request.url.path, exc_info=error)
    return problem(500, "internal", "Something went wrong here; it has been noted.")

"""A shop's side of Stowline in one file, to be copied and changed: the standard library is enough.

Every POST carries an Idempotency-Key that stays the same however often it is tried, so nothing
happens twice.
"""

import base64
import binascii
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]
TRIES = 6
WAIT_MAX_S = 60.0
# A large file takes minutes, for each of its orders is answered.
FILE_TIMEOUT_S = 900.0
# How far a message's moment may be from now.
AGE_MAX_S = 300.0


class StowlineError(Exception):
    """A refusal: act on `code`, show `detail` to a person, and quote `request_id` when you ask."""

    def __init__(self, status: int, problem: Json) -> None:
        self.status = status
        self.code: str = problem.get("code", "unknown")
        self.detail: str = problem.get("detail", "")
        self.pointer: str | None = problem.get("pointer")
        self.request_id: str | None = problem.get("request_id")
        super().__init__(f"{status} {self.code} {self.pointer or ''}: {self.detail}")


class WrongSignatureError(Exception):
    """A message that does not come from Stowline, or came too late: answer 400, and forget it."""


class Stowline:
    """The API as one shop sees it. `wait` is how it waits between tries, in seconds."""

    def __init__(
        self,
        key: str,
        url: str = "http://127.0.0.1:8080",
        *,
        timeout_s: float = 30.0,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._key, self._url = key, url.rstrip("/")
        self._timeout_s, self._wait = timeout_s, wait

    def place(self, order: Json, key: str | None = None) -> Json:
        """The order, accepted with a promise for its goods; sent again, the same order."""
        return self.post("/v1/orders", order, key)

    def order(self, order_id: int) -> Json:
        """An order with its parcels, holds and timeline; its version is what an edit names."""
        return self.get(f"/v1/orders/{order_id}")

    def pay(self, order_id: int, payment: Json, key: str | None = None) -> Json:
        """The order after what your payment gateway said; paid in full, it ships by itself."""
        return self.post(f"/v1/orders/{order_id}/payments", payment, key)

    def cancel(self, order_id: int, reason: str, key: str | None = None) -> Json:
        """What came of the wish: `done`, or `refused` with the way back."""
        return self.post(f"/v1/orders/{order_id}/cancellation-requests", {"reason": reason}, key)

    def edit(self, order: Json, change: Json, key: str | None = None) -> Json:
        """The edit with the order after it; refused where the order has changed since you read it.

        order: as you have read it.
        """
        headers = {"If-Match": f'"{order["version"]}"'}
        return self.post(f"/v1/orders/{order['id']}/edits", change, key, headers)

    def events(self, after: str | None = None, **only: str) -> Iterator[Json]:
        """The events past a cursor up to now, the oldest first.

        Keep the `cursor` of the last one that you have dealt with, and begin with it next time.
        """
        while True:
            asked = {"limit": "500"} | only | ({} if after is None else {"after": after})
            page = self.get(f"/v1/events?{urlencode(asked)}")
            yield from page["items"]
            if not page["items"]:
                return
            after = page["next"]

    def get(self, path: str) -> Json:
        """What a path says."""
        return self._call("GET", path)

    def put(self, path: str, body: Json) -> Json:
        """What a path answers to this whole body."""
        return self._call("PUT", path, body)

    def post(
        self,
        path: str,
        body: Json,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """What a path answers; without a key of yours one is drawn, for all tries of this call."""
        own = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self._call("POST", path, body, own | dict(headers or {}))

    def post_csv(self, text: str, key: str | None = None) -> Json:
        """What came of each line of a file of orders."""
        own = {"Idempotency-Key": key or str(uuid.uuid4()), "Content-Type": "text/csv"}
        timeout_s = max(self._timeout_s, FILE_TIMEOUT_S)
        return self._call("POST", "/v1/orders/csv", text.encode(), own, timeout_s)

    def delete(self, path: str) -> None:
        """Takes away what a path names."""
        self._call("DELETE", path)

    def _call(
        self,
        method: str,
        path: str,
        body: Json | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Json:
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        said = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            self._url + path, data, said | dict(headers or {}), method=method
        )
        for attempt in range(1, TRIES + 1):
            try:
                with urllib.request.urlopen(
                    request, timeout=timeout_s or self._timeout_s
                ) as answer:
                    text = answer.read()
                return dict(json.loads(text)) if text else {}
            except urllib.error.HTTPError as error:
                problem = _problem(error)
                again_s = _again_s(error, problem.code, attempt)
                if again_s is None or attempt == TRIES:
                    raise problem from error
            except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError):
                # It may have arrived: with the same key it is safe to say it again.
                if attempt == TRIES:
                    raise
                again_s = _backoff_s(attempt)
            self._wait(again_s)
        raise AssertionError("the last try answers or raises")


def verify(
    secret: str, headers: Mapping[str, str], body: str | bytes, now_s: float | None = None
) -> Json:
    """The event of a webhook, once its signature and its age are right.

    body: byte for byte as it came. now_s: seconds since 1970, the clock's where it is not said.

    Raises:
        WrongSignatureError: answer 400, and believe nothing of it.

    Source: Standard Webhooks.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    message, sent_at, signed = (
        lowered.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    now_s = time.time() if now_s is None else now_s  # noqa: TID251 a shop has a clock of its own
    if not sent_at.isdecimal() or abs(now_s - int(sent_at)) > AGE_MAX_S:
        raise WrongSignatureError("The message is too old, or says no moment.")
    raw = body.encode() if isinstance(body, str) else body
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise WrongSignatureError("The secret is none: it begins with whsec_.") from error
    digest = hmac.digest(key, f"{message}.{sent_at}.".encode() + raw, "sha256")
    right = f"v1,{base64.b64encode(digest).decode()}"
    # While a secret is changed two sign; each is compared in the same time, right or wrong.
    if not any(hmac.compare_digest(right.encode(), one.encode()) for one in signed.split()):
        raise WrongSignatureError("Nothing of it is signed with this secret.")
    return dict(json.loads(raw))


def _again_s(error: urllib.error.HTTPError, code: str, attempt: int) -> float | None:
    """In how many seconds the same request may do better, or None."""
    told = error.headers.get("Retry-After", "")
    if error.code in (429, 503) and told.isdecimal():
        return float(told)
    if error.code == 429 or error.code >= 500 or code == "in_flight":
        return _backoff_s(attempt)
    return None


def _backoff_s(attempt: int) -> float:
    return min(0.5 * 2.0**attempt, WAIT_MAX_S)


def _problem(error: urllib.error.HTTPError) -> StowlineError:
    try:
        return StowlineError(error.code, dict(json.loads(error.read())))
    except ValueError:
        # A proxy before the service answers in its own words.
        return StowlineError(error.code, {"detail": str(error.reason)})

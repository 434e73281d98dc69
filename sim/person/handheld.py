"""A handheld computer: signs in, sends scans, shows screens. Nothing here reads a database."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import aiohttp

from sim.tally import Tally

_PATIENCE_S = 30.0
_FAULT_PATIENCE_S = 5.0
_AGAIN_S = 0.2
_TOTE = re.compile(r"\bT-\d{5,9}\b")


class HouseSilent(Exception):
    """The service did not answer, or not with a screen."""


class _Refusal(Exception):
    """The service answered an input with a problem instead of a screen."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Screen:
    """What the handheld shows."""

    scenario: str
    step: str
    target: str
    lines: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    ask: int | None
    actions: tuple[str, ...]
    verdict: str | None
    right: bool
    text: str
    idle: bool

    def fact(self, label: str) -> str | None:
        """Give the value beside a label, whatever its case."""
        wanted = label.lower()
        return next((value for name, value in self.facts if name.lower() == wanted), None)

    @property
    def totes(self) -> list[str]:
        """Give every tote that the screen names, in its order."""
        shown = [self.target, *self.lines, *(part for fact in self.facts for part in fact)]
        return list(dict.fromkeys(code for text in shown for code in _TOTE.findall(text)))


def read_screen(answer: Mapping[str, Any]) -> Screen:
    """Read a screen as the service sends it.

    Raises: KeyError, TypeError or AttributeError when it is none.
    """
    ask, verdict = answer.get("ask"), answer.get("verdict")
    return Screen(
        scenario=answer["scenario"],
        step=answer["step"],
        target=answer.get("target") or "",
        lines=tuple(answer.get("lines") or ()),
        facts=tuple((one["label"], str(one["value"])) for one in answer.get("facts") or ()),
        ask=None if ask is None else ask["quantity"],
        actions=tuple(one["code"] for one in answer.get("actions") or ()),
        verdict=None if verdict is None else verdict["code"],
        right=verdict is None or bool(verdict["ok"]),
        text="" if verdict is None else verdict["text"],
        idle=bool(answer.get("idle")),
    )


@dataclass(slots=True)
class Handheld:
    """One handheld in one person's hands; the screen is always the last one shown."""

    session: aiohttp.ClientSession
    api_url: str
    device: str
    tally: Tally
    chance: Random
    screen: Screen = field(init=False)
    _headers: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, badge: str, pin: str) -> Screen:
        """Sign in. Raises: HouseSilent."""
        body = {"badge": badge, "pin": pin, "device": self.device}
        try:
            answer = await self._post("/handheld/sessions", body)
        except _Refusal as refusal:
            raise HouseSilent(f"{self.device}: {refusal}") from refusal
        self._headers = {"Authorization": f"Bearer {answer['token']}"}
        return self._show(answer["screen"])

    async def scan(self, code: str, quantity: int | None = None) -> Screen:
        """Scan or type a code. Raises: HouseSilent."""
        return await self._send(code, None, quantity)

    async def press(self, action: str) -> Screen:
        """Press the button of an action. Raises: HouseSilent."""
        return await self._send(None, action, None)

    async def enter(self, quantity: int) -> Screen:
        """Type a quantity alone. Raises: HouseSilent."""
        return await self._send(None, None, quantity)

    async def _send(self, code: str | None, action: str | None, quantity: int | None) -> Screen:
        number = uuid.UUID(int=self.chance.getrandbits(128), version=4)
        body = {"id": str(number), "input": code, "action": action, "quantity": quantity}
        self.tally.counts["requests"] += 1
        self.tally.counts["scans"] += code is not None
        before_s = time.monotonic()
        try:
            screen = self._show(await self._post("/handheld/scans", body))
        except _Refusal as refusal:
            screen = await self._reload(refusal)
        self.tally.handheld_waits_s.append(time.monotonic() - before_s)
        if not screen.right:
            self.tally.wrong[f"{screen.step}: {screen.verdict}"] += 1
        return screen

    async def _reload(self, refusal: _Refusal) -> Screen:
        url = f"{self.api_url}/handheld/screen"
        try:
            async with self.session.get(url, headers=self._headers) as answer:
                if answer.status >= 300:
                    raise HouseSilent(f"{self.device}: {refusal}")
                shown = self._show(await answer.json())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise HouseSilent(f"{self.device}: {refusal}, then {error!r}") from error
        self.screen = replace(shown, verdict=refusal.code, right=False, text=str(refusal))
        return self.screen

    def _show(self, answer: Mapping[str, Any]) -> Screen:
        try:
            self.screen = read_screen(answer)
        except (KeyError, TypeError, AttributeError) as error:
            raise HouseSilent(f"{self.device}: {answer!r} is no screen") from error
        return self.screen

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        # The body carries an id: what is sent again after a cut is the same scan, not another one.
        give_up_s = time.monotonic() + _PATIENCE_S
        while True:
            url = self.api_url + path
            try:
                async with self.session.post(url, json=body, headers=self._headers) as answer:
                    if answer.status < 300:
                        return await answer.json()
                    code = _problem_code(await answer.text())
                    problem = f"{path} answered {answer.status} {code}"
                    if answer.status < 500 and answer.status != 429 and code != "in_flight":
                        raise _Refusal(code, problem)
                    if answer.status == 500:
                        # A fault of the house does not pass as an overload or a restart does.
                        give_up_s = min(give_up_s, time.monotonic() + _FAULT_PATIENCE_S)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
                problem = f"{path}: {error!r}"
            except TimeoutError:
                problem = f"{path} did not answer in time"
            self.tally.counts["requests_sent_again"] += 1
            if time.monotonic() > give_up_s:
                raise HouseSilent(f"{self.device}: {problem}")
            await asyncio.sleep(_AGAIN_S)


def _problem_code(text: str) -> str:
    try:
        problem = json.loads(text)
    except ValueError:
        return text[:80]
    return str(problem.get("code", text[:80])) if isinstance(problem, dict) else text[:80]

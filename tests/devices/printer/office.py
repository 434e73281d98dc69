"""An office printer behind a real HTTP server: IPP/1.1 requests are read, answers are written."""

import asyncio
import struct
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pyipp.enums import IppJobState, IppOperation, IppPrinterState, IppTag
from pyipp.parser import parse

OK, NOT_FOUND = 0x0000, 0x0406
Attributes = dict[str, tuple[IppTag, list[Any]]]


@dataclass(slots=True)
class Job:
    """A document that the printer has taken."""

    number: int
    name: str
    document: bytes
    state: IppJobState = IppJobState.PENDING
    pages: int = 0
    reason: str = "none"


class Office:
    """Prints documents one after the other.

    It dies before it takes or after it took as many of its next documents as `die_before` and
    `die_after` say. `status` answers Print-Job instead of taking it; `echo` answers with that
    number of another request; `fate` is how its jobs end. Without `history` it forgets them then.
    """

    def __init__(self) -> None:
        self.jobs: dict[int, Job] = {}
        self.printed: list[Job] = []
        self.state = IppPrinterState.IDLE
        self.reasons = ["none"]
        self.accepting = True
        self.history = True
        self.die_before = 0
        self.die_after = 0
        self.status = OK
        self.echo: int | None = None
        self.fate = IppJobState.COMPLETED
        self.fate_reason = "job-completed-successfully"
        self.holding = False
        self.port = 0
        self._last = 0
        self._booted_s = time.monotonic() - 3_600
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/ipp/print", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def restart(self) -> None:
        """Loses all jobs, as a printer without a disk does."""
        self.jobs.clear()
        self._booted_s = time.monotonic()

    def print_waiting(self) -> None:
        """Brings every job that waits to its end."""
        for job in list(self.jobs.values()):
            if job.state is IppJobState.PENDING and not self.holding:
                job.state, job.reason = self.fate, self.fate_reason
                if self.fate is IppJobState.COMPLETED:
                    job.pages = 1
                    self.printed.append(job)
                if not self.history:
                    del self.jobs[job.number]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = parse(await request.read(), contains_data=True)
        operation, number = IppOperation(asked["status-code"]), asked["request-id"]
        if operation is IppOperation.PRINT_JOB and self.die_before:
            self.die_before -= 1
            return self._die(request)
        status, groups = self._obey(operation, asked)
        if operation is IppOperation.PRINT_JOB and self.die_after:
            self.die_after -= 1
            return self._die(request)
        self.print_waiting()
        if self.echo is not None:
            number, self.echo = self.echo, None
        return web.Response(body=_encode(status, number, groups), content_type="application/ipp")

    def _die(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=500)

    def _obey(
        self, operation: IppOperation, asked: dict[str, Any]
    ) -> tuple[int, list[tuple[IppTag, Attributes]]]:
        wishes = asked["operation-attributes"]
        if operation is IppOperation.GET_PRINTER_ATTRIBUTES:
            return OK, [(IppTag.PRINTER, self._printer())]
        if operation is IppOperation.PRINT_JOB:
            if self.status != OK:
                return self.status, []
            assert (
                wishes["document-format"] == "application/pdf" and asked["jobs"][0]["copies"] == 1
            )
            self._last += 1
            self.jobs[self._last] = Job(self._last, wishes["job-name"], asked["data"])
            return OK, [(IppTag.JOB, _job(self.jobs[self._last]))]
        if operation is IppOperation.GET_JOBS:
            ended = wishes["which-jobs"] == "completed"
            found = [job for job in self.jobs.values() if ended == (job.state >= 7)]
            return OK, [(IppTag.JOB, _job(job)) for job in found]
        one = self.jobs.get(wishes["job-id"])
        if operation is IppOperation.CANCEL_JOB and one is not None:
            one.state = IppJobState.CANCELED
            return OK, []
        assert operation is IppOperation.GET_JOB_ATTRIBUTES
        return (NOT_FOUND, []) if one is None else (OK, [(IppTag.JOB, _job(one))])

    def _printer(self) -> Attributes:
        return {
            "printer-state": (IppTag.ENUM, [self.state]),
            "printer-state-reasons": (IppTag.KEYWORD, list(self.reasons)),
            "printer-is-accepting-jobs": (IppTag.BOOLEAN, [self.accepting]),
            "printer-up-time": (IppTag.INTEGER, [int(time.monotonic() - self._booted_s)]),
        }


def _job(job: Job) -> Attributes:
    return {
        "job-id": (IppTag.INTEGER, [job.number]),
        "job-name": (IppTag.NAME, [job.name]),
        "job-state": (IppTag.ENUM, [job.state]),
        "job-state-reasons": (IppTag.KEYWORD, [job.reason]),
        "job-impressions-completed": (IppTag.INTEGER, [job.pages]),
    }


def _encode(status: int, number: int, groups: list[tuple[IppTag, Attributes]]) -> bytes:
    head: Attributes = {
        "attributes-charset": (IppTag.CHARSET, ["utf-8"]),
        "attributes-natural-language": (IppTag.LANGUAGE, ["en"]),
    }
    answer = struct.pack(">bbhi", 1, 1, status, number)
    for tag, attributes in [(IppTag.OPERATION, head), *groups]:
        answer += struct.pack(">b", tag)
        for name, (kind, values) in attributes.items():
            for place, value in enumerate(values):
                label = name.encode() if place == 0 else b""
                data = _value(kind, value)
                answer += struct.pack(">bh", kind, len(label)) + label
                answer += struct.pack(">h", len(data)) + data
    return answer + struct.pack(">b", IppTag.END)


def _value(kind: IppTag, value: Any) -> bytes:
    if kind in (IppTag.INTEGER, IppTag.ENUM):
        return struct.pack(">i", value)
    return struct.pack(">?", value) if kind is IppTag.BOOLEAN else str(value).encode()


async def rest() -> None:
    """Let others work for a moment."""
    await asyncio.sleep(0.002)

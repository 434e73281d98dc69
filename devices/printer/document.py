"""A printer that takes documents: IPP questions asked over HTTP, answers checked.

Source: RFC 8010 and RFC 8011 (IPP/1.1): Print-Job, Get-Jobs, Get-Job-Attributes,
Get-Printer-Attributes.
"""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any

import aiohttp
from pyipp import IPP, IPPError, IPPParseError
from pyipp.enums import IppJobState, IppOperation, IppPrinterState

from devices.error import DecodeError, DeviceError
from devices.printer.connection import Gone, Silent

NOT_FOUND = 0x0406
_CLIENT_ERRORS = range(0x0400, 0x0500)
_JOB = ("job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed")
_PRINTER = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-up-time",
)


class Refused(DeviceError):
    """A printer answered with an error; `is_final` where asking again cannot help."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the printer answers with IPP status {status:#06x}")
        self.status = status
        self.is_final = status in _CLIENT_ERRORS


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """A job as the printer tells of it; `pages` is None where it does not count them."""

    number: int
    name: str
    state: IppJobState
    reasons: tuple[str, ...] = ()
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentPrinter:
    """A printer as it tells of itself; `up_s` is how long it has been on."""

    state: IppPrinterState
    reasons: tuple[str, ...]
    accepting: bool
    up_s: int | None

    @property
    def why_blocked(self) -> str:
        """What a person has to see to, or nothing."""
        errors = [reason for reason in self.reasons if reason.endswith("-error")]
        if self.state is IppPrinterState.STOPPED:
            return ", ".join(self.reasons) or "stopped"
        if not self.accepting:
            return "takes no jobs"
        return ", ".join(errors)


class DocumentConnection:
    """Speaks IPP/1.1 with one printer, each question over a connection of its own."""

    def __init__(self, host: str, port: int, path: str, tls: bool, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._numbers = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None
        self._ipp = IPP(
            host,
            base_path=path,
            port=port,
            tls=tls,
            ipp_version=(1, 1),
            request_timeout=int(timeout_s) + 5,
        )

    async def printer(self) -> DocumentPrinter:
        """Ask how the printer is. Raises: DeviceError."""
        asked = {"requested-attributes": list(_PRINTER)}
        answer = await self._ask(IppOperation.GET_PRINTER_ATTRIBUTES, asked)
        found: dict[str, Any] = next(iter(answer["printers"]), {})
        state, up_s = found.get("printer-state"), found.get("printer-up-time")
        if not isinstance(state, IppPrinterState):
            raise DecodeError("IPP: the printer does not tell its state")
        return DocumentPrinter(
            state,
            _words(found.get("printer-state-reasons")),
            found.get("printer-is-accepting-jobs", True) is not False,
            up_s if isinstance(up_s, int) else None,
        )

    async def jobs(self, which: str) -> list[DocumentJob]:
        """Ask for the jobs that are `completed` or `not-completed`. Raises: DeviceError."""
        asked = {"which-jobs": which, "requested-attributes": list(_JOB)}
        answer = await self._ask(IppOperation.GET_JOBS, asked)
        return [_job(found) for found in answer["jobs"]]

    async def job(self, number: int) -> DocumentJob:
        """Ask what became of a job. Raises: Refused, with NOT_FOUND where it is not known."""
        asked = {"job-id": number, "requested-attributes": list(_JOB)}
        answer = await self._ask(IppOperation.GET_JOB_ATTRIBUTES, asked)
        if len(answer["jobs"]) != 1:
            raise DecodeError("IPP: one job was asked for")
        return _job(answer["jobs"][0])

    async def print(self, name: str, document: bytes) -> int:
        """Send a document to be printed once; its number. Raises: Refused, DeviceError."""
        asked = {"job-name": name, "document-format": "application/pdf"}
        answer = await self._ask(IppOperation.PRINT_JOB, asked, document)
        found: dict[str, Any] = next(iter(answer["jobs"]), {})
        number = found.get("job-id")
        if not isinstance(number, int):
            raise DecodeError("IPP: the printer does not number its job")
        return number

    async def cancel(self, number: int) -> None:
        """Take a job back that is not wanted any more. Raises: DeviceError."""
        await self._ask(IppOperation.CANCEL_JOB, {"job-id": number})

    async def close(self) -> None:
        """Close whatever is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(
        self, operation: IppOperation, asked: dict[str, Any], document: bytes | None = None
    ) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, Any] = {"request-id": number, "operation-attributes-tag": asked}
        if document is not None:
            message |= {"job-attributes-tag": {"copies": 1}, "data": document}
        answer = await self._carry(operation, message)
        if answer["request-id"] != number:
            raise DecodeError("IPP: that is the answer to another question")
        return answer

    async def _carry(self, operation: IppOperation, message: dict[str, Any]) -> dict[str, Any]:
        if self._session is None:
            # A connection that the printer has closed meanwhile would make each question unsure.
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = self._ipp.session = aiohttp.ClientSession(connector=connector)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._ipp.execute(operation, message)
        except TimeoutError as error:
            raise Silent("the printer does not answer") from error
        except IPPParseError as error:
            raise DecodeError("IPP: the answer cannot be read") from error
        except (IPPError, aiohttp.ClientError, OSError, UnicodeDecodeError) as error:
            status = _status(error)
            if status is not None:
                raise Refused(status) from error
            raise Gone(f"no connection: {error}") from error


def _status(error: Exception) -> int | None:
    facts = error.args[1] if len(error.args) > 1 else None
    # An HTTP error carries its own number under the same name, beside a message.
    if not isinstance(facts, dict) or "message" in facts:
        return None
    status = facts.get("status-code")
    return status if isinstance(status, int) else None


def _job(found: dict[str, Any]) -> DocumentJob:
    number, name, state = (found.get(key) for key in ("job-id", "job-name", "job-state"))
    pages = found.get("job-impressions-completed")
    if not isinstance(number, int) or not isinstance(state, IppJobState):
        raise DecodeError("IPP: a job has a number and a state")
    return DocumentJob(
        number,
        name if isinstance(name, str) else "",
        state,
        _words(found.get("job-state-reasons")),
        pages if isinstance(pages, int) else None,
    )


def _words(value: object) -> tuple[str, ...]:
    """One keyword or several; `none` says that there is none."""
    words = value if isinstance(value, list) else [value]
    return tuple(word for word in words if isinstance(word, str) and word != "none")

"""What is known of one printer: how it is, what happened to it, and the job that it began."""

import logging
from collections import Counter
from collections.abc import Callable

from devices.error import DecodeError, DeviceError
from devices.journal import Outcome, PrintJournal
from devices.printer.connection import Gone, Silent
from devices.printer.status import Condition, PrinterState

_log = logging.getLogger(__name__)


class Record:
    """A printer's state and counts, and its journal; `on_state` hears of each change of state.

    `silence` is added where it does not answer: what a person would look at first.
    """

    def __init__(
        self,
        name: str,
        journal: PrintJournal,
        on_state: Callable[[PrinterState], None],
        silence: str = "",
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.state = PrinterState(Condition.READY)
        self._name = name
        self._journal = journal
        self._on_state = on_state
        self._silence = silence

    async def holds(self, job_id: str) -> bool:
        """Whether a job is still the printer's to print, and no person decided on it."""
        now = await self._journal.begun(self._name)
        return now is not None and now.job.job_id == job_id

    async def finish(self, job_id: str, outcome: Outcome) -> Outcome:
        """Note what became of a job in the journal, and give it."""
        await self._journal.finish(job_id, outcome)
        self.counts[outcome.value] += 1
        if outcome is not Outcome.PRINTED:
            _log.error("printer %s: job %s is %s", self._name, job_id, outcome)
        return outcome

    def withdraw(self, job_id: str) -> Outcome:
        """Note that a person decided on a job; the journal knows."""
        self.counts[Outcome.WITHDRAWN.value] += 1
        _log.warning("printer %s: a person decided on job %s", self._name, job_id)
        return Outcome.WITHDRAWN

    def interrupt(self, error: DeviceError) -> None:
        """Note what speaking with the printer failed of."""
        if isinstance(error, Silent):
            self.counts["silences"] += 1
            self._note(Condition.SILENT, f"{error}{self._silence}")
        elif isinstance(error, Gone):
            self.counts["connections_lost"] += 1
            self._note(Condition.GONE, str(error))
        elif isinstance(error, DecodeError):
            self.counts["bad_answers"] += 1
            self._note(Condition.SILENT, str(error))
        else:
            self.counts["refusals"] += 1
        _log.info("printer %s: %r", self._name, error)

    def hear(self, why_blocked: str) -> None:
        """Note how the printer says that it is; `why_blocked` is empty where it is ready."""
        self._note(Condition.BLOCKED if why_blocked else Condition.READY, why_blocked)

    def _note(self, condition: Condition, why: str) -> None:
        state = PrinterState(condition, why)
        if state == self.state:
            return
        if condition in (Condition.BLOCKED, Condition.SILENT):
            _log.warning("printer %s needs a person: %s", self._name, why)
        self.state = state
        self._on_state(state)

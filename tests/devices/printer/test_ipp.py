"""Every document is printed exactly once on an office printer, whatever becomes of an answer."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pyipp.enums import IppJobState, IppPrinterState

from devices.error import DeviceError
from devices.journal import BegunJob, Outcome, PrintJob
from devices.label import ToteLabel, render_pdf
from devices.printer.ipp import IppAddress, IppSpool
from devices.printer.status import Condition
from tests.devices.journal import MemoryPrintJournal
from tests.devices.printer.office import Office, rest
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio
PRINTER = "PRN-OFFICE"


def job_of(journal: MemoryPrintJournal, number: int) -> PrintJob:
    pdf = render_pdf(ToteLabel(f"T-{number:05d}"))
    job = journal.jobs[str(number)] = PrintJob(str(number), "", pdf)
    return job


def spool_for(
    office: Office, journal: MemoryPrintJournal, *, reach_s: float = PATIENCE_S
) -> IppSpool:
    address = IppAddress(
        host="127.0.0.1",
        port=office.port,
        timeout_s=PATIENCE_S,
        reconnect_s=0.005,
        poll_s=0.002,
        settle_s=0.02,
        reach_s=reach_s,
        sends_max=3,
        look_s=0.01,
    )
    return IppSpool(PRINTER, address, journal)


@asynccontextmanager
async def at_office() -> AsyncIterator[tuple[Office, MemoryPrintJournal]]:
    office = Office()
    await office.start()
    try:
        yield office, MemoryPrintJournal()
    finally:
        await office.stop()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await rest()


async def test_a_document_arrives_as_it_was_drawn_and_is_printed_once() -> None:
    async with at_office() as (office, journal):
        spool = spool_for(office, journal)
        job = job_of(journal, 1)
        assert await spool.print(job) is Outcome.PRINTED
        await spool.close()
    [printed] = office.printed
    assert (printed.name, printed.document) == ("stowline label 1", job.pdf)
    assert journal.outcomes == {"1": Outcome.PRINTED}


async def test_a_printer_that_dies_between_documents_and_answers_prints_each_once() -> None:
    rng = random.Random(5)
    async with at_office() as (office, journal):
        spool = spool_for(office, journal)
        assert await spool.print(job_of(journal, 0)) is Outcome.PRINTED
        for number in range(1, 25):
            office.die_after = int(rng.random() < 0.3)
            office.die_before = int(rng.random() < 0.3)
            assert await spool.print(job_of(journal, number)) is Outcome.PRINTED
        assert spool.counts["sent_again"] > 0 and spool.counts["connections_lost"] > 0
        await spool.close()
    assert [job.name for job in office.printed] == [f"stowline label {n}" for n in range(25)]


async def test_a_job_that_was_in_flight_at_a_crash_is_found_by_its_name() -> None:
    async with at_office() as (office, journal):
        spool = spool_for(office, journal)
        await spool.print(job_of(journal, 1))
        office.holding = True
        printing = asyncio.create_task(spool.print(job_of(journal, 2)))
        await until(lambda: len(office.jobs) == 2)
        printing.cancel()
        await asyncio.wait({printing})
        await spool.close()
        office.holding = False
        after = spool_for(office, journal)
        assert await after.recover() is Outcome.PRINTED
        assert await after.recover() is None
        await after.close()
    assert len(office.printed) == 2


async def test_a_job_of_the_same_name_from_before_is_not_this_one() -> None:
    async with at_office() as (office, journal):
        spool = spool_for(office, journal)
        await spool.print(job_of(journal, 1))
        journal.outcomes.clear()
        assert await spool.print(job_of(journal, 1)) is Outcome.PRINTED
        await spool.close()
    assert len(office.printed) == 2


@pytest.mark.parametrize("history", [True, False])
async def test_a_printer_that_restarted_or_keeps_no_list_leaves_it_to_a_person(
    history: bool,
) -> None:
    async with at_office() as (office, journal):
        office.history = history
        spool = spool_for(office, journal)
        await spool.print(job_of(journal, 1))
        if history:
            office.restart()
        job = job_of(journal, 2)
        journal.in_flight[PRINTER] = BegunJob(job, 1, age_s=60.0)
        assert await spool.recover() is Outcome.UNSURE
        await spool.close()
    assert len(office.printed) == 1


@pytest.mark.parametrize(
    ("fate", "reason", "pages", "outcome"),
    [
        (IppJobState.ABORTED, "document-format-error", 0, Outcome.NOT_PRINTED),
        (IppJobState.CANCELED, "job-canceled-by-operator", 0, Outcome.NOT_PRINTED),
        (IppJobState.CANCELED, "job-canceled-by-operator", 1, Outcome.UNSURE),
        (IppJobState.COMPLETED, "job-completed-with-errors", 1, Outcome.UNSURE),
    ],
)
async def test_what_a_printer_says_of_a_job_s_end_is_its_outcome(
    fate: IppJobState, reason: str, pages: int, outcome: Outcome
) -> None:
    async with at_office() as (office, journal):
        office.fate, office.fate_reason, office.holding = fate, reason, True
        spool = spool_for(office, journal)
        printing = asyncio.create_task(spool.print(job_of(journal, 1)))
        await until(lambda: bool(office.jobs))
        office.jobs[1].pages = pages
        office.holding = False
        assert await printing is outcome
        await spool.close()


async def test_a_document_that_is_refused_for_good_is_not_printed() -> None:
    async with at_office() as (office, journal):
        office.status = 0x040A
        spool = spool_for(office, journal)
        assert await spool.print(job_of(journal, 1)) is Outcome.NOT_PRINTED
        await spool.close()
    assert not office.jobs


async def test_a_busy_printer_gets_the_document_again_later() -> None:
    async with at_office() as (office, journal):
        spool = spool_for(office, journal)
        await spool.print(job_of(journal, 1))
        office.status = 0x0507
        printing = asyncio.create_task(spool.print(job_of(journal, 2)))
        await until(lambda: spool.counts["refusals"] > 0)
        office.status = 0
        assert await printing is Outcome.PRINTED
        await spool.close()
    assert len(office.printed) == 2


async def test_a_stopped_printer_begins_no_job_and_says_why() -> None:
    async with at_office() as (office, journal):
        office.state, office.reasons = IppPrinterState.STOPPED, ["media-empty-error"]
        spool = spool_for(office, journal, reach_s=0.1)
        with pytest.raises(DeviceError, match="media-empty-error"):
            await spool.print(job_of(journal, 1))
        assert spool.state.condition is Condition.BLOCKED and not journal.in_flight
        office.state, office.reasons = IppPrinterState.IDLE, ["none"]
        assert await spool.print(journal.jobs["1"]) is Outcome.PRINTED
        await spool.close()


async def test_a_printer_that_is_off_begins_no_job() -> None:
    async with at_office() as (office, journal):
        pass
    spool = spool_for(office, journal, reach_s=0.1)
    with pytest.raises(DeviceError, match="cannot print now"):
        await spool.print(job_of(journal, 1))
    assert spool.state.condition is Condition.GONE and not journal.in_flight
    await spool.close()


async def test_an_answer_to_another_question_is_not_believed() -> None:
    async with at_office() as (office, journal):
        spool = spool_for(office, journal)
        await spool.print(job_of(journal, 1))
        office.echo = 4_711
        assert await spool.print(job_of(journal, 2)) is Outcome.PRINTED
        assert spool.counts["bad_answers"] == 1
        await spool.close()
    assert len(office.printed) == 2


async def test_what_a_person_decided_about_a_job_in_flight_ends_it() -> None:
    async with at_office() as (office, journal):
        office.holding = True
        spool = spool_for(office, journal)
        printing = asyncio.create_task(spool.print(job_of(journal, 1)))
        await until(lambda: bool(office.jobs))
        journal.in_flight.clear()
        assert await printing is Outcome.WITHDRAWN
        assert office.jobs[1].state is IppJobState.CANCELED
        await spool.close()
    assert not journal.outcomes and not office.printed

"""What changes labels: each verb along the table of wms/labelling/label.py."""

from datetime import datetime, timedelta

import asyncpg

from wms.error import NotFound
from wms.labelling import store
from wms.labelling.label import Event, State, after


async def begin_label(
    connection: asyncpg.Connection, label_id: int, printer: str, counter: int, now: datetime
) -> bool:
    """Notes that a label is about to be sent; False where it does not wait there any more."""
    row = await _locked(connection, label_id)
    if row["state"] != State.QUEUED or row["printer"] != printer:
        return False
    await store.set_begun(connection, label_id, counter, now)
    return True


async def set_printed(connection: asyncpg.Connection, label_id: int, now: datetime) -> bool:
    """Notes what the printer's counter says; False where a person has decided before it."""
    row = await _locked(connection, label_id)
    if row["state"] != State.SENT:
        return False
    after(State.SENT, Event.PRINT)
    await store.set_printed(connection, label_id, now, None)
    return True


async def verify_label(
    connection: asyncpg.Connection, label_id: int, actor: str, now: datetime
) -> None:
    """Notes that somebody holds the label in hand.

    Raises:
        NotFound: `unknown_label`.
        Conflict: `wrong_state`, it is neither in flight nor unsure.
    """
    row = await _locked(connection, label_id)
    after(State(row["state"]), Event.VERIFY)
    await store.set_printed(connection, label_id, now, actor)


async def set_trouble(
    connection: asyncpg.Connection, label_id: int, event: Event, trouble: str
) -> bool:
    """Notes that a label is unsure or failed, and why; False where a person has decided before."""
    row = await _locked(connection, label_id)
    if row["state"] not in (State.QUEUED, State.SENT):
        return False
    state = after(State(row["state"]), event)
    await store.set_trouble(connection, label_id, state, trouble)
    return True


async def void_label(
    connection: asyncpg.Connection, label_id: int, actor: str, reason: str, now: datetime
) -> State:
    """Voids a label for good; the state that it was in.

    Raises:
        NotFound: `unknown_label`.
        Conflict: `wrong_state`, it is void.
    """
    row = await _locked(connection, label_id)
    after(State(row["state"]), Event.VOID)
    await store.set_void(connection, label_id, actor, reason, now)
    return State(row["state"])


async def move_label(
    connection: asyncpg.Connection, label_id: int, printer: str, now: datetime
) -> None:
    """Lets another printer print a label that is not in flight.

    Raises:
        NotFound: `unknown_label`.
        Conflict: `wrong_state`.
    """
    row = await _locked(connection, label_id)
    after(State(row["state"]), Event.MOVE)
    await store.set_moved(connection, label_id, printer, now)


async def move_waiting(
    connection: asyncpg.Connection, printer: str, to: str, waited: timedelta, now: datetime
) -> list[int]:
    """Lets another printer print what waits at a printer for so long; each label moves once."""
    moved = await store.labels_to_move(connection, printer, waited, now)
    for label_id in moved:
        await store.set_moved(connection, label_id, to, now)
    return moved


async def _locked(connection: asyncpg.Connection, label_id: int) -> asyncpg.Record:
    row = await store.lock_label(connection, label_id)
    if row is None:
        raise NotFound("unknown_label", f"There is no label {label_id}.")
    return row


insert_label = store.insert_label
add_send = store.add_send

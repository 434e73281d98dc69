"""What changes proposals of re-slotting."""

import asyncpg

from wms.error import NotFound
from wms.slotting import store

request_proposal = store.insert_proposal
set_accepted = store.set_accepted
set_done = store.set_done
set_move = store.set_move
save_plan = store.save_plan
save_moves = store.insert_moves


async def proposal_for_update(connection: asyncpg.Connection, proposal_id: int) -> asyncpg.Record:
    """A proposal, locked.

    Raises:
        NotFound: `unknown_proposal`.
    """
    row = await store.proposal_for_update(connection, proposal_id)
    if row is None:
        raise unknown_proposal(proposal_id)
    return row


def unknown_proposal(proposal_id: int) -> NotFound:
    """The refusal of a number that no proposal has."""
    return NotFound("unknown_proposal", f"There is no proposal {proposal_id}.")

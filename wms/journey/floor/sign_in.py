"""Signing in by badge and PIN, where too many wrong PINs make a badge wait."""

from datetime import datetime

import asyncpg

from wms.database.pool import staff_transaction
from wms.error import Refused
from wms.tenants import commands as tenants
from wms.tenants import key_commands as brakes
from wms.tenants.staff import Staff


async def sign_in(
    pool: asyncpg.Pool, badge: str, pin: str, device: str, now: datetime
) -> tuple[str, Staff]:
    """A session for the holder of the badge: its token, and who it is.

    Raises:
        Refused: `sign_in_refused`, for a wrong badge and a wrong PIN alike; `sign_in_braked`.
    """
    async with staff_transaction(pool) as connection:
        left = await brakes.brake_badge(connection, badge, now)
        if left:
            raise Refused(
                "sign_in_braked",
                f"Too many wrong PINs: this badge waits another {left.total_seconds():.0f} s.",
                retry_after_s=left.total_seconds(),
            )
        try:
            signed_in = await tenants.sign_in(connection, badge, pin, device, now)
        except Refused as error:
            # The count has to stay, so the transaction ends before this is told.
            refusal = error
        else:
            await brakes.release_badge(connection, badge)
            return signed_in
    raise refusal

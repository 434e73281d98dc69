"""`stowline check audit`: makes the chain of the audit log anew, and names where it is broken."""

import asyncio
import json
from contextlib import suppress

import typer

from api.command.plan import AsJson
from api.command.session import settings_of, with_database
from api.settings import Settings
from api.wiring import open_house
from wms.audit.queries import Checked, check_log
from wms.database.migrate import upgrade
from wms.database.pool import staff_transaction
from wms.error import Conflict
from wms.journey.buyer.trail import chain_news


def check_audit_command(as_json: AsJson = False) -> None:
    """Hold the audit log against its chain and its sources; exit code 1 on the first break."""
    with with_database(settings_of("check")) as served:
        found = asyncio.run(_check(served))
    if as_json:
        heads = {str(tenant): {"batch": n, "hash": h} for tenant, (n, h) in found.heads.items()}
        rows = [
            {"tenant": one.tenant_id, "batch": one.batch, "reason": one.reason}
            for one in found.breaks
        ]
        result = {
            "ok": not rows,
            "batches": found.batches,
            "entries": found.entries,
            "breaks": rows,
            "heads": heads,
        }
        typer.echo(json.dumps(result))
    else:
        typer.echo(f"{found.entries} entries in {found.batches} batches")
        for tenant, (number, digest) in found.heads.items():
            typer.echo(f"tenant {tenant}: batch {number}, {digest}")
    for one in found.breaks:
        typer.echo(str(one), err=True)
    if found.breaks:
        raise typer.Exit(1)


async def _check(settings: Settings) -> Checked:
    assert settings.database_url is not None
    await upgrade(settings.database_url)
    async with open_house(settings, "check", 2) as house:
        # A chain that was cut is named by the check.
        with suppress(Conflict):
            await chain_news(house.pool, house.now())
        async with staff_transaction(house.pool) as connection:
            return await check_log(connection)

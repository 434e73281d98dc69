"""`stowline mail …`: what other mail servers report of mails to buyers."""

import asyncio
import json
from typing import Annotated

import typer

from api.command.plan import AsJson
from api.command.session import settings_of, with_database
from api.dispatch.report import REPORT_BYTES_MAX, read_report
from api.settings import Settings
from api.wiring import open_house
from wms.journey.buyer.notice import Reported, take_report

mail_app = typer.Typer(no_args_is_help=True, help="Mails to buyers.")


@mail_app.command("report")
def mail_report_command(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="The report as it came by mail; `-` is stdin.")
    ],
    as_json: AsJson = False,
) -> None:
    """Take in a mail server's report of a mail to a buyer: one that came back is told to its shop.

    The mail server pipes what comes to the address that mails are sent from into it.
    """
    content = file.read(REPORT_BYTES_MAX)
    with with_database(settings_of("mail", quiet=True)) as served:
        found = asyncio.run(_take(served, content))
    if as_json:
        said = {"notice": found.notice_id, "state": found.state, "changed": found.changed}
        typer.echo(json.dumps(said))
    else:
        typer.echo(f"notice {found.notice_id} is {found.state}", err=True)


async def _take(settings: Settings, content: bytes) -> Reported:
    report = read_report(content)
    async with open_house(settings, "mail", 2) as house:
        return await take_report(
            house.pool,
            report.message_id,
            report.tag,
            failed=report.failed,
            reason=report.reason,
            now=house.now(),
        )

"""`stowline mail …`: what other mail servers report of mails to buyers."""

import asyncio
import json
from typing import Annotated

import typer

from api.command.plan import AsJson
from api.command.session import settings_of, with_database
from api.dispatch.report import REPORT_BYTES_MAX, Done, Taken, take_in
from api.settings import Settings
from api.wiring import open_house

mail_app = typer.Typer(no_args_is_help=True, help="Mails to buyers.")


@mail_app.command("report")
def mail_report_command(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="The report as it came by mail; `-` is stdin.")
    ],
    as_json: AsJson = False,
) -> None:
    """Take in a mail server's report of a mail to a buyer: one that came back is told to its shop.

    The mail server pipes what comes to the address that mails are sent from into it; one on another
    machine sends it to POST /v1/mail-reports.
    """
    content = file.read(REPORT_BYTES_MAX)
    with with_database(settings_of("mail", quiet=True)) as served:
        taken = asyncio.run(_take(served, content))
    if as_json:
        typer.echo(json.dumps(_said(taken)))
    else:
        typer.echo(f"notice {taken.notice_id} is {taken.state}: {taken.reason}", err=True)


async def _take(settings: Settings, content: bytes) -> Taken:
    async with open_house(settings, "mail", 2) as house:
        return await take_in(house, content)


def _said(taken: Taken) -> dict[str, object]:
    return {
        "notice": taken.notice_id,
        "order": taken.order_id,
        "kind": taken.kind,
        "state": taken.state,
        "action": taken.action,
        "done": taken.done,
        "changed": taken.done is Done.GIVEN_UP,
        "reason": taken.reason,
    }

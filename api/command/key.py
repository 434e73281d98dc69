"""`stowline key …`: keys of shops, made, listed and revoked."""

import asyncio
import json
from typing import Annotated, Any

import typer

from api.command.session import settings_of, with_database
from api.entering import list_keys, make_key, revoke_key
from wms.tenants.scope import SCOPES
from wms.tenants.shop import Limit

key_app = typer.Typer(no_args_is_help=True, help="Keys of shops and carriers.")
BURST_S = 5


@key_app.command("create")
def key_create_command(
    shop: Annotated[str, typer.Option(help="The shop's name.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"Once each: {', '.join(SCOPES)}; none is all. `carrier` for a carrier."),
    ] = None,
    sandbox: Annotated[bool, typer.Option(help="Its orders stay off the floor.")] = False,
    tenant: Annotated[
        str | None, typer.Option(help="Whose data it sees; its own, where none is named.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="Whose goods it sells; its own, where none is named.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="The channel of sale that its orders come by.")
    ] = None,
    requests_per_s: Annotated[
        float | None, typer.Option(min=0.001, help="A limit of its own, instead of the house's.")
    ] = None,
    burst: Annotated[
        int | None, typer.Option(min=1, help="How many at once; else what comes in five seconds.")
    ] = None,
) -> None:
    """Make a key for a shop, which is made too where it is new; it is shown only now.

    A shop has two keys at most: to change one, make the second, use it, revoke the first.
    """
    if burst is not None and requests_per_s is None:
        raise typer.BadParameter("goes with --requests-per-s", param_hint="--burst")
    limit = None
    if requests_per_s is not None:
        limit = Limit(requests_per_s, burst or max(1, int(requests_per_s * BURST_S)))
    with with_database(settings_of("key")) as served:
        made = make_key(
            served,
            shop,
            scope or [],
            sandbox,
            tenant=tenant,
            owner=owner,
            channel=channel,
            limit=limit,
        )
        typer.echo(asyncio.run(made))


@key_app.command("list")
def key_list_command(
    shop: Annotated[str | None, typer.Option(help="Only this shop's.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List keys: whose, what they open, when they were last used; never the key itself."""
    with with_database(settings_of("key")) as served:
        rows = asyncio.run(list_keys(served, shop, tenant))
    keys = [_row(dict(row)) for row in rows]
    if as_json:
        typer.echo(json.dumps({"keys": keys}))
        return
    for key in keys:
        state = f"revoked {key['revoked_at']}" if key["revoked_at"] else "active"
        used = f"used {key['last_used_at']}" if key["last_used_at"] else "never used"
        opens = ",".join(key["scopes"]) or "all"
        kind = " sandbox" if key["sandbox"] else ""
        typer.echo(
            f"{key['prefix']}  {key['shop']} ({key['tenant']})  {opens}{kind}  {state}, {used}"
        )


@key_app.command("revoke")
def key_revoke_command(
    prefix: Annotated[str, typer.Argument(help="What stands between `sk_` and the next `_`.")],
) -> None:
    """Revoke a key: it opens nothing more within two seconds."""
    with with_database(settings_of("key")) as served:
        asyncio.run(revoke_key(served, prefix))
    typer.echo(f"revoked {prefix}")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    said = ("tenant", "shop", "prefix", "scopes", "sandbox", "requests_per_s", "burst", "made_by")
    moments = ("created_at", "last_used_at", "revoked_at")
    return {name: row[name] for name in said} | {
        name: row[name] and row[name].isoformat(timespec="seconds") for name in moments
    }

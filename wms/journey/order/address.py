"""An order whose address is doubtful: held for its shop, with a link for the buyer."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import asyncpg

from wms.address.address import Checked, check_address, formatted
from wms.address.link import LOCAL, LinkRule, Links
from wms.database.pool import keyset_of, shop_transaction
from wms.database.seal import Keyset, Personal
from wms.journey.request import Request, once
from wms.orders import commands as orders
from wms.outbox import commands as outbox
from wms.outbox.command import Answer

KIND = "address"
_KEY = "buyer link"
_SAID = ("name", "lines", "postal_code", "city", "country", "region", "district", "phone")


def links_of(connection: asyncpg.Connection, rule: LinkRule = LOCAL) -> Links:
    """How links for buyers are made, with a key of their own."""
    return links_by(keyset_of(connection), rule)


def links_by(keyset: Keyset, rule: LinkRule = LOCAL) -> Links:
    """The same for whoever has the keys, and need not ask the database for it."""
    return Links(keyset.derive(_KEY), rule)


async def validate_address(
    pool: asyncpg.Pool, request: Request, address: Mapping[str, Any]
) -> Answer:
    """What there is to say of an address, once for each key; it is no reason to refuse anything.

    Raises:
        Conflict: `in_flight`.
        Refused: `idempotency_key_reused`.
    """
    checked = check_address(address)
    said = {name: checked.normalised[name] for name in _SAID}
    body: dict[str, object] = {
        "verdict": checked.verdict.value,
        "findings": [finding.plain() for finding in checked.findings],
        "normalised": Personal(said | {"formatted": formatted(checked.normalised)}),
    }
    async with shop_transaction(pool, request.tenant_id) as connection:

        async def answer() -> Answer:
            return Answer(200, body)

        return await once(connection, request, answer)


async def hold_doubtful(
    connection: asyncpg.Connection,
    order_id: int,
    tenant_id: int,
    external_order_id: str,
    fulfilment_order_ids: Collection[int],
    checked: Checked,
    rule: LinkRule,
    actor: str,
    now: datetime,
) -> None:
    """Holds an order until its address is mended, and gives the shop a link for the buyer.

    Nothing of the address is in the hold or the event: they name fields and what is wrong there.
    """
    if not fulfilment_order_ids:
        return
    where = ", ".join(f"{doubt.pointer[1:]}: {doubt.code}" for doubt in checked.doubts)
    held = [
        await orders.hold_and_tell(
            connection,
            fulfilment_order_id,
            KIND,
            f"The address is doubtful ({where}).",
            actor,
            now,
            owned_by="shop",
            lasts=rule.lasts,
        )
        for fulfilment_order_id in fulfilment_order_ids
    ]
    expires_at = (now + rule.lasts).replace(microsecond=0)
    await outbox.emit(
        connection,
        tenant_id,
        "order.address_doubtful",
        f"order/{order_id}",
        order_id,
        {
            "order_id": order_id,
            "external_order_id": external_order_id,
            "findings": [
                found.plain() | {"pointer": f"/ship_to{found.pointer}"}
                for found in checked.findings
            ],
            "link": links_of(connection, rule).address(order_id, held[0], expires_at),
            "expires_at": expires_at.isoformat(),
        },
        actor,
        now,
    )

"""The jobs role by itself: from the payment to the buyer's mail server, with nobody's help."""

from pathlib import Path

import asyncpg

from api.settings import Settings
from tests.api.digital.maker import making
from tests.api.dispatch.post_office import Office, post_office
from tests.api.jobs.test_role import jobs_process, until
from tests.builders import order_id_of, pay, value
from tests.key import DATA_KEYS
from tests.wms.journey.buyer.shelf import buy_by_mail, codes_of, digital_shop, states
from wms.journey.buyer import vault
from wms.outbox.command import Answer
from wms.tenants.shop import Shop


def settings_of(database: str, home: Path, office: Office) -> Settings:
    return Settings(
        database_url=database,
        data_keys=DATA_KEYS,
        home=home,
        smtp_url=office.url,
        mail_from="post@house.example",
        webhook_private="yes",
    )


async def mailed(pool: asyncpg.Pool, shop: Shop, office: Office, order: Answer) -> str:
    """What the buyer's server took for a paid order, once its part is closed."""
    await pay(pool, shop, order)

    async def closed() -> bool:
        return await states(pool, order) == {True: "closed"}

    await until(closed)
    number = str(order.body["external_order_id"])
    [mail] = [one for one in office.taken if number in str(one["Subject"])]
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_a_paid_code_is_mailed(database: str, pool: asyncpg.Pool, tmp_path: Path) -> None:
    shop = await digital_shop(pool, codes=2)
    order = await buy_by_mail(pool, shop, ("GAME", 1))
    async with post_office() as office:
        with jobs_process(settings_of(database, tmp_path, office)):
            text = await mailed(pool, shop, office, order)
    [code] = await codes_of(pool, order)
    assert f"NAME OF GAME: {code}" in text.splitlines()


async def test_a_paid_code_is_made_and_mailed(
    database: str, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    shop = await digital_shop(pool)
    async with making() as maker, post_office() as office:
        await vault.set_generator(pool, shop, "GAME", maker.url, 5)
        order = await buy_by_mail(pool, shop, ("GAME", 2))
        with jobs_process(settings_of(database, tmp_path, office)):
            text = await mailed(pool, shop, office, order)
    codes = await codes_of(pool, order)
    assert len(codes) == len(maker.heard) == 2
    assert all(code in text for code in codes)
    assert (
        await value(
            pool, "select count(*) from digital_delivery where order_id = $1 and state <> $2",
            order_id_of(order), "delivered",
        ) == 0
    )  # fmt: skip

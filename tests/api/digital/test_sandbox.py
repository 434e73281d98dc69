"""A sandbox key and digital goods: its own samples open to it, live codes and the vault are not."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.api.digital.maker import GAME, bought, seller_of
from tests.api.digital.test_work import settings_of
from tests.api.dispatch.post_office import post_office
from tests.api.jobs.test_role import jobs_process, until
from tests.api.service import Seller, Service, is_problem, order_body
from tests.builders import NOW, pay
from tests.wms.journey.buyer.shelf import buy_by_mail, codes_of, digital_shop, states
from tests.wms.journey.buyer.test_sample import is_sample, sandbox
from wms.journey.buyer.digital import deliver

MISSING = 2**60


async def trying(seller: Seller) -> Seller:
    """The same shop with a key of its sandbox."""
    answer = await seller.post("/v1/keys", {"sandbox": True})
    assert answer.status_code == 201, answer.text
    return Seller(seller.client, seller.shop, answer.json()["key"], seller.pool)


async def delivered(seller: Seller) -> dict[str, Any]:
    """A paid order of one game whose code, or sample, was sent."""
    order = await bought(seller)
    assert await deliver(seller.pool, order["fulfilment_orders"][0]["id"], NOW)
    return order


async def path_of(seller: Seller, order: dict[str, Any]) -> str:
    """The path of the order's one delivery."""
    listed = (await seller.get(f"/v1/orders/{order['id']}/digital-deliveries")).json()["items"]
    return f"/v1/digital-deliveries/{listed[0]['id']}"


async def test_a_sample_is_told_seen_sent_again_and_revoked(service: Service) -> None:
    seller = await seller_of(service, "A-1")
    tried = await trying(seller)
    order = await delivered(tried)
    told = [one for one in await tried.news() if one["type"] == "order.digital_delivered"]
    [unit] = told[0]["data"]["deliveries"]
    assert is_sample(unit["content"]["code"])
    path = await path_of(tried, order)
    view = (await tried.get(path)).json()
    assert (view["id"], view["state"]) == (unit["delivery_id"], "delivered")
    again = await tried.post(f"{path}/resend", {"email": "ada@new.example"})
    assert (again.status_code, again.json()["sent_times"]) == (202, 2)
    assert (await tried.get(f"/v1/orders/{order['id']}/notices")).json()["items"] == []
    revoked = await tried.post(f"{path}/revoke", {"reason": "a test"})
    assert revoked.json()["state"] == "revoked"
    is_problem(await tried.post(f"{path}/resend", {}), 409, "wrong_state")
    counts = (await seller.get("/v1/items/GAME/codes")).json()
    assert (counts["free"], counts["assigned"], counts["revoked"]) == (1, 0, 0)


async def test_live_codes_do_not_exist_for_a_sandbox_key(service: Service) -> None:
    seller = await seller_of(service, "A-1")
    tried = await trying(seller)
    path = await path_of(seller, await delivered(seller))
    unknown = f"/v1/digital-deliveries/{MISSING}"
    for one in (path, unknown):
        is_problem(await tried.get(one), 404, "unknown_delivery")
        is_problem(await tried.post(f"{one}/resend", {}), 404, "unknown_delivery")
        is_problem(await tried.post(f"{one}/revoke", {"reason": "x"}), 404, "unknown_delivery")
    assert (await seller.get(path)).json()["state"] == "delivered"


async def test_the_vault_is_closed_to_it_as_before(service: Service) -> None:
    seller = await seller_of(service, "A-1")
    tried = await trying(seller)
    codes = {"codes": [{"code": "A-2"}]}
    is_problem(await tried.post("/v1/items/GAME/codes", codes), 422, "sandbox_key")
    maker = {"url": "https://codes.example/make", "quota": 5}
    is_problem(await tried.put("/v1/items/GAME/generator", maker), 422, "sandbox_key")


@pytest.mark.parametrize("spelt", ["%2B{}", "{}.0", "%20{}", "00{}"])
async def test_a_live_thing_is_not_there_however_its_number_is_spelt(
    service: Service, spelt: str
) -> None:
    seller = await seller_of(service, "A-1")
    tried = await trying(seller)
    order = await delivered(seller)
    number = (await path_of(seller, order)).rpartition("/")[2]
    for path, code in (
        (f"/v1/orders/{spelt.format(order['id'])}", "unknown_order"),
        (f"/v1/digital-deliveries/{spelt.format(number)}", "unknown_delivery"),
    ):
        is_problem(await tried.get(path), 404, code)
    off = await tried.post(
        f"/v1/orders/{spelt.format(order['id'])}/cancellation-requests", {"reason": "a test"}
    )
    is_problem(off, 404, "unknown_order")


async def test_a_number_without_end_is_no_fault_of_ours(service: Service) -> None:
    tried = await trying(await seller_of(service))
    answer = await tried.get(f"/v1/orders/{'9' * 5_000}")
    assert answer.status_code == 422


async def test_an_order_shows_its_samples_as_a_part_of_its_own(service: Service) -> None:
    seller = await seller_of(service)
    tried = await trying(seller)
    answer = await tried.post("/v1/orders", order_body(("MUG", 1), ("GAME", 1)))
    assert answer.status_code == 201, answer.text
    sources = [one["source"] for one in answer.json()["fulfilment_orders"]]
    assert len(sources) == 2 and "samples, in the sandbox" in sources
    assert (await tried.put("/v1/items/GAME", GAME)).status_code == 200


async def test_the_jobs_role_gives_samples_with_nobody_s_help(
    database: str, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    shop = sandbox(await digital_shop(pool))
    order = await buy_by_mail(pool, shop, ("GAME", 2))

    async def closed() -> bool:
        return await states(pool, order) == {True: "closed"}

    async with post_office() as office:
        with jobs_process(settings_of(database, tmp_path, office)):
            await pay(pool, shop, order)
            await until(closed)
    assert all(map(is_sample, await codes_of(pool, order)))
    number = str(order.body["external_order_id"])
    assert not [mail for mail in office.taken if number in str(mail["Subject"])]

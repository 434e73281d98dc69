"""Quotes over HTTP: dates with their parts, fees that are echoed, and orders held to them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.orders.view_messages import OrderView
from api.quotes.messages import OptionList, QuoteView
from tests import builders
from tests.api.service import Seller, Service, bearer, is_problem, order_body, unique
from wms.database.pool import staff_transaction
from wms.journey.order.option import put_option
from wms.journey.order.quote import Asked, drop_old_quotes, make_quote
from wms.journey.request import Request
from wms.orders.order import NewLine
from wms.quote.calendar import EVERY_DAY, WORKING_DAYS
from wms.quote.option import DeliveryOption, Kind
from wms.tenants.staff import Role

OPTION: dict[str, Any] = {
    "name": "Standard",
    "kind": "standard",
    "service": "economy",
    "countries": ["GB", "IE"],
    "cut_off": "15:00:00",
    "pickup_time": "18:00:00",
    "transit_days_low": 1,
    "transit_days_high": 3,
    "fee": {"amount_minor": 395, "currency": "GBP"},
}
TO = {"country": "GB", "postal_code": "LU1 2AB"}
LASTS = timedelta(minutes=30)


@pytest.fixture
async def planner(service: Service) -> dict[str, str]:
    return bearer(await service.sign_in(Role.PLANNER))


@pytest.fixture
async def seller(service: Service, planner: dict[str, str]) -> Seller:
    seller = await service.seller(CUP=1_000)
    async with staff_transaction(service.pool) as connection:
        await connection.execute("delete from delivery_option")
        await connection.execute(
            "update warehouse set time_zone = 'Europe/London', country = '', subdivision = ''"
        )
        # What other tests packed and sent is no history of these.
        await connection.execute("update fulfilment_order set packed_at = null")
        await connection.execute("update waybill set delivered_at = null")
    answer = await service.client.put("/v1/delivery-options/standard", json=OPTION, headers=planner)
    assert answer.status_code == 200, answer.text
    return seller


async def quote(seller: Seller, *lines: tuple[str, int], **changed: object) -> dict[str, Any]:
    body = {"lines": [{"sku": sku, "quantity": n} for sku, n in lines], "ship_to": TO}
    answer = await seller.post("/v1/quotes", body | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    QuoteView.model_validate(found)
    return found


async def test_staff_enter_options_and_shops_see_those_that_go_there(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    found = (await seller.get("/v1/delivery-options", **TO)).json()
    [option] = OptionList.model_validate(found).items
    assert (option.code, option.fee.amount_minor, option.fee.currency) == ("standard", 395, "GBP")
    assert option.next_pickup_at >= option.next_cut_off_at
    assert (await seller.get("/v1/delivery-options", country="DE")).json()["items"] == []
    off = OPTION | {"active": False}
    await service.client.put("/v1/delivery-options/standard", json=off, headers=planner)
    assert (await seller.get("/v1/delivery-options", **TO)).json()["items"] == []


async def test_an_option_that_cannot_be_is_refused_by_its_field(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    path = "/v1/delivery-options/standard"
    wrong = OPTION | {"transit_days_low": 4}
    answer = await service.client.put(path, json=wrong, headers=planner)
    is_problem(answer, 422, "bad_option", "/transit_days_high")
    answer = await service.client.put(path, json=OPTION | {"colour": 1}, headers=planner)
    is_problem(answer, 422, "invalid_body", "/colour")
    answer = await service.client.put(path, json=OPTION | {"carrier": "NOPE"}, headers=planner)
    is_problem(answer, 404, "unknown_carrier")
    is_problem(await seller.put(path, OPTION), 401, "no_session")


async def test_a_quote_says_dates_with_their_parts_and_echoes_the_fee(seller: Seller) -> None:
    body = await quote(seller, ("cup", 2))
    [option] = body["options"]
    assert option["fee"] == OPTION["fee"]
    assert option["available"] is True
    assert [line["availability"] for line in option["lines"]] == ["stock"]
    told = option["delivery"]
    assert told["earliest"] <= told["likely"] <= told["latest"]
    assert (told["likely_share"], told["latest_share"]) == (0.5, 0.9)
    assert (told["time_zone"], told["time_zone_source"]) == ("Europe/London", "country")
    assert option["parts"]["transit"]["source"] == "configured"
    assert option["parts"]["packing"]["source"] == "configured"
    assert option["parts"]["pickup"]["time_zone"] == "Europe/London"
    assert option["valid_until"] == body["valid_until"]


async def test_a_repeat_of_a_quote_gets_the_first_answer(seller: Seller) -> None:
    key = unique("key")
    body = {"lines": [{"sku": "CUP", "quantity": 1}], "ship_to": TO}
    first = await seller.post("/v1/quotes", body, key)
    again = await seller.post("/v1/quotes", body, key)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


async def test_what_cannot_be_had_gets_no_date_and_says_why(seller: Seller) -> None:
    body = await quote(seller, ("CUP", 5_000))
    [option] = body["options"]
    assert (option["available"], option["delivery"]) == (False, None)
    assert "CUP" in option["why_not"]
    assert body["why_none"]
    nowhere = await quote(seller, ("CUP", 1), ship_to={"country": "CN"})
    assert (nowhere["options"], nowhere["why_none"]) == ([], "No delivery option goes there.")


async def test_a_quote_for_nonsense_is_refused_by_pointer(seller: Seller) -> None:
    lines = [{"sku": "CUP", "quantity": 1}, {"sku": "NONE", "quantity": 1}]
    answer = await seller.post("/v1/quotes", {"lines": lines, "ship_to": TO})
    is_problem(answer, 422, "unknown_item", "/lines/1/sku")
    mars = {"lines": lines[:1], "ship_to": TO | {"time_zone": "Mars/Base"}}
    is_problem(await seller.post("/v1/quotes", mars), 422, "bad_time_zone")


async def test_an_order_with_its_quote_keeps_the_dates_and_follows_the_option(
    seller: Seller,
) -> None:
    told = await quote(seller, ("CUP", 2))
    body = order_body(("CUP", 2), quote_id=told["id"], delivery_option="standard")
    answer = await seller.post("/v1/orders", body)
    assert answer.status_code == 201, answer.text
    order = OrderView.model_validate(answer.json())
    assert order.service == "economy"
    assert order.total.amount_minor == 2 * 255
    assert order.delivery is not None
    dates = told["options"][0]["delivery"]
    assert order.delivery.model_dump(mode="json")["latest"] == dates["latest"]
    assert (order.delivery.quote_id, order.delivery.option) == (told["id"], "standard")
    again = OrderView.model_validate((await seller.get(f"/v1/orders/{order.id}")).json())
    assert again.delivery == order.delivery


async def test_an_order_that_is_not_what_was_quoted_is_refused(
    service: Service, seller: Seller
) -> None:
    told = await quote(seller, ("CUP", 2))
    good = {"quote_id": told["id"], "delivery_option": "standard"}
    other = order_body(("CUP", 3), **good)
    is_problem(await seller.post("/v1/orders", other), 422, "quote_differs", "/lines")
    elsewhere = order_body(("CUP", 2), **good)
    elsewhere["ship_to"]["postal_code"] = "LS1 4AP"
    is_problem(await seller.post("/v1/orders", elsewhere), 422, "quote_differs", "/ship_to")
    night = order_body(("CUP", 2), **good | {"delivery_option": "night"})
    is_problem(await seller.post("/v1/orders", night), 422, "unknown_option", "/delivery_option")
    strange = order_body(("CUP", 2), **good | {"quote_id": 10**9})
    is_problem(await seller.post("/v1/orders", strange), 422, "unknown_quote", "/quote_id")
    alone = order_body(("CUP", 2), quote_id=told["id"])
    is_problem(await seller.post("/v1/orders", alone), 422, "invalid_body")
    thief = await service.seller(CUP=10)
    stolen = order_body(("CUP", 2), **good)
    is_problem(await thief.post("/v1/orders", stolen), 422, "unknown_quote", "/quote_id")
    assert (await seller.get("/v1/orders")).json()["items"] == []


async def test_an_expired_quote_is_refused_and_old_ones_are_dropped(
    service: Service, seller: Seller
) -> None:
    told = await quote(seller, ("CUP", 2))
    past = datetime(2010, 1, 1, tzinfo=UTC).isoformat()
    async with staff_transaction(service.pool) as connection:
        await connection.execute(
            """
            update quote set answer = jsonb_set(answer, '{options,0,valid_until}', to_jsonb($2))
            where id = $1
            """.replace("$2", f"'{past}'::text"),
            told["id"],
        )
    late = order_body(("CUP", 2), quote_id=told["id"], delivery_option="standard")
    is_problem(await seller.post("/v1/orders", late), 422, "quote_expired", "/quote_id")
    assert await drop_old_quotes(service.pool, datetime.now(UTC)) == 0
    assert await drop_old_quotes(service.pool, datetime.now(UTC) + timedelta(days=60)) >= 1


def an_option(**changed: Any) -> DeliveryOption:
    told: dict[str, Any] = {
        "code": "express",
        "name": "Express",
        "kind": Kind.EXPRESS,
        "cut_off": datetime(2026, 1, 1, 15).time(),
        "pickup_time": datetime(2026, 1, 1, 18).time(),
        "transit_days_low": 1,
        "transit_days_high": 9,
        "fee_minor": 900,
        "currency": "GBP",
        "service": "express",
        "pickup_days": EVERY_DAY,
        "delivery_days": EVERY_DAY,
        "works_holidays": True,
    }
    return DeliveryOption(**told | changed)


async def told_at(service: Service, seller: Seller, asked: Asked, now: datetime) -> dict[str, Any]:
    request = Request(seller.shop, unique("key"), "quote", unique("hash").encode())
    answer = await make_quote(service.pool, request, asked, LASTS, now)
    options = answer.body["options"]
    assert isinstance(options, list) and len(options) == 1
    return dict(options[0])


async def test_what_parcels_took_counts_more_than_what_staff_said(
    service: Service, seller: Seller
) -> None:
    now = datetime(2026, 6, 10, 9, tzinfo=UTC)
    async with staff_transaction(service.pool) as connection:
        await connection.execute("delete from delivery_option")
    await put_option(service.pool, an_option())
    for number in range(20):
        fulfilment = await builders.firm_order(service.pool, seller.shop, ("CUP", 1))
        async with staff_transaction(service.pool) as connection:
            await connection.execute(
                """
                update waybill w set service = 'express', carrier_accepted_at = $2::timestamptz,
                    delivered_at = $2::timestamptz + make_interval(days => $3)
                from parcel p where p.id = w.parcel_id and p.fulfilment_order_id = $1
                """,
                fulfilment,
                now - timedelta(days=20),
                2 if number < 16 else 5,
            )
    asked = Asked((NewLine("CUP", 1, 0),), "GB", "LU1 2AB")
    option = await told_at(service, seller, asked, now)
    transit = option["parts"]["transit"]
    assert (transit["source"], transit["seen"]) == ("history", 20)
    assert (transit["days_p10"], transit["days_p50"], transit["days_p90"]) == (2, 2, 5)
    assert option["delivery"]["likely"] == "2026-06-12"
    assert option["delivery"]["latest"] == "2026-06-15"


async def test_what_packing_and_pickups_took_counts_too_without_those_that_waited(
    service: Service, seller: Seller
) -> None:
    now = datetime(2026, 6, 10, 9, tzinfo=UTC)
    async with staff_transaction(service.pool) as connection:
        await connection.execute("delete from delivery_option")
    await put_option(service.pool, an_option(transit_days_high=1))
    monday = datetime(2026, 6, 1, 9, tzinfo=UTC)
    for number in range(26):
        fulfilment = await builders.firm_order(service.pool, seller.shop, ("CUP", 1))
        # Two hours each; the last six waited a week for goods, of which packing knows nothing.
        waited = timedelta(days=7 if number >= 20 else 0)
        async with staff_transaction(service.pool) as connection:
            await connection.execute(
                "update fulfilment_order set firm_at = $2, packed_at = $3 where id = $1",
                fulfilment,
                monday - waited,
                monday + timedelta(minutes=120),
            )
            # The carrier came on Tuesday for what was due on Monday, and was there on Wednesday.
            await connection.execute(
                """
                update waybill w set service = 'express', made_at = $2::timestamptz,
                    carrier_accepted_at = $3::timestamptz, delivered_at = $4::timestamptz
                from parcel p where p.id = w.parcel_id and p.fulfilment_order_id = $1
                """,
                fulfilment,
                monday,
                monday + timedelta(days=1),
                monday + timedelta(days=2),
            )
    asked = Asked((NewLine("CUP", 1, 0),), "GB", "LU1 2AB")
    option = await told_at(service, seller, asked, now)
    packing, pickup = option["parts"]["packing"], option["parts"]["pickup"]
    assert (packing["source"], packing["seen"]) == ("history", 20)
    assert (packing["minutes_p10"], packing["minutes_p90"]) == (120, 120)
    assert option["parts"]["packing"]["until_latest"] == "2026-06-10T11:00:00+00:00"
    assert pickup["late"] == {
        "days_p10": 1, "days_p50": 1, "days_p90": 1, "source": "history", "seen": 26,
    }  # fmt: skip
    # Today's pickup comes tomorrow, and what it takes is there the day after.
    assert pickup["latest"]["pickup_at"] == "2026-06-10T17:00:00+00:00"
    assert option["delivery"]["latest"] == "2026-06-12"


async def test_every_kind_of_option_is_entered_quoted_and_ordered(
    service: Service, seller: Seller, planner: dict[str, str]
) -> None:
    kinds = ("standard", "express", "night", "pickup_point", "locker", "store")
    async with staff_transaction(service.pool) as connection:
        await connection.execute("delete from delivery_option")
    for fee, kind in enumerate(kinds):
        changed = {"kind": kind, "fee": {"amount_minor": fee, "currency": "GBP"}}
        path = f"/v1/delivery-options/{kind}"
        answer = await service.client.put(path, json=OPTION | changed, headers=planner)
        assert answer.status_code == 200, answer.text
    told = await quote(seller, ("CUP", 1))
    assert [one["kind"] for one in told["options"]] == list(kinds)
    assert [one["fee"]["amount_minor"] for one in told["options"]] == list(range(6))
    for kind in kinds:
        body = order_body(("CUP", 1), quote_id=told["id"], delivery_option=kind)
        answer = await seller.post("/v1/orders", body)
        assert answer.status_code == 201, answer.text
        delivery = answer.json()["delivery"]
        assert (delivery["kind"], delivery["option"]) == (kind, kind)
        # The fee is told, and added by the shop alone.
        assert answer.json()["total"]["amount_minor"] == 255


async def test_the_zone_and_the_holidays_of_the_warehouse_decide_the_pickup(
    service: Service, seller: Seller
) -> None:
    async with staff_transaction(service.pool) as connection:
        await connection.execute("delete from delivery_option")
        await connection.execute("update warehouse set country = 'GB', subdivision = 'ENG'")
    await put_option(service.pool, an_option(works_holidays=False, transit_days_high=1))
    asked = Asked((NewLine("CUP", 1, 0),), "GB", "LU1 2AB", "ENG")
    # Christmas Eve, a Thursday; then two holidays, a Sunday, and Boxing Day made good for.
    now = datetime(2026, 12, 24, 15, 0, 1, tzinfo=UTC)
    option = await told_at(service, seller, asked, now)
    pickup = option["parts"]["pickup"]
    assert pickup["holidays"] == "GB-ENG"
    assert pickup["likely"]["pickup_at"] == "2026-12-27T18:00:00+00:00"
    assert option["delivery"]["likely"] == "2026-12-29"


async def test_one_second_before_midnight_before_a_holiday_the_promise_is_exact(
    service: Service, seller: Seller
) -> None:
    # The house is in Berlin, the shop and its buyer in New York, where it is still the afternoon;
    # 1 May is a holiday of the house, and a Friday.
    async with staff_transaction(service.pool) as connection:
        await connection.execute("delete from delivery_option")
        await connection.execute(
            "update warehouse set time_zone = 'Europe/Berlin', country = 'DE', subdivision = 'BE'"
        )
    midnight = datetime(2026, 1, 1, 23, 59, 59).time()
    option = an_option(
        cut_off=midnight,
        pickup_time=midnight,
        pickup_days=WORKING_DAYS,
        delivery_days=WORKING_DAYS,
        works_holidays=False,
        transit_days_high=1,
        packing_minutes=0,
        packing_minutes_high=0,
    )
    await put_option(service.pool, option)
    asked = Asked((NewLine("CUP", 1, 0),), "US", "10001", "NY", "America/New_York")
    last = datetime(2026, 4, 30, 23, 59, 59, tzinfo=ZoneInfo("Europe/Berlin"))
    told = await told_at(service, seller, asked, last)
    assert told["parts"]["pickup"]["latest"]["cut_off_at"] == "2026-04-30T21:59:59+00:00"
    assert told["parts"]["pickup"]["latest"]["pickup_at"] == "2026-04-30T21:59:59+00:00"
    assert {told["delivery"][name] for name in ("earliest", "likely", "latest")} == {"2026-05-01"}
    late = await told_at(service, seller, asked, last + timedelta(seconds=1))
    assert late["parts"]["pickup"]["latest"]["pickup_at"] == "2026-05-04T21:59:59+00:00"
    assert {late["delivery"][name] for name in ("earliest", "likely", "latest")} == {"2026-05-05"}

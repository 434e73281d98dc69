"""Webhooks of a WooCommerce-like shop become orders."""

import pytest

from api.connectors.woocommerce import hear
from tests.api.connectors.platform import WooCommerce, let_in, woo_order
from tests.api.service import Service, is_problem
from wms.error import Refused
from wms.orders.order import NewOrder


@pytest.fixture
async def woo(service: Service) -> WooCommerce:
    """A shop with ten cups and ten mugs, and a connector."""
    seller = await service.seller(CUP=10, MUG=10)
    connector = await let_in(seller, "woocommerce", services={"flat_rate": "express"})
    return WooCommerce(seller, connector)


async def test_an_order_is_placed_paid_and_shipped_to_its_payer(woo: WooCommerce) -> None:
    came = await woo.heard("order.created", woo_order())
    assert came["did"] == ["placed", "paid"], came
    order = await woo.order()
    assert order["total"] == {"amount_minor": 2_935, "currency": "GBP"}
    assert [line["unit_price"]["amount_minor"] for line in order["lines"]] == [300, 333]
    assert (order["ship_to"]["name"], order["ship_to"]["city"]) == ("John Doe", "Leeds")
    assert order["service"] == "express"
    assert {line["promise"] for line in order["lines"]} == {"firm"}


async def test_a_later_status_pays_refunds_and_cancels(woo: WooCommerce) -> None:
    waiting = woo_order(status="pending", date_paid_gmt=None)
    assert (await woo.heard("order.created", waiting))["did"][0] == "placed"
    assert (await woo.heard("order.updated", woo_order()))["did"] == ["paid"]
    refunded = woo_order(refunds=[{"id": 726, "reason": "", "total": "-10.00"}])
    for name in ("once", "twice"):
        assert (await woo.heard("order.updated", refunded, name))["state"] == "done"
    assert (await woo.order())["refunded"]["amount_minor"] == 1_000
    gone = await woo.heard("order.updated", refunded | {"status": "cancelled"})
    assert gone["did"] == ["cancelled"]
    assert (await woo.order())["state"] == "cancelled"


async def test_a_deletion_names_the_order_alone_and_cancels_it(woo: WooCommerce) -> None:
    await woo.heard("order.created", woo_order())
    assert (await woo.heard("order.deleted", {"id": 727}))["did"] == ["cancelled"]
    assert (await woo.order())["state"] == "cancelled"


async def test_the_ping_of_a_new_webhook_is_answered(woo: WooCommerce) -> None:
    answer = await woo.seller.client.post(woo.connector["path"], content=b"webhook_id=7")
    assert (answer.status_code, answer.json()["state"]) == (200, "ignored")
    unsigned = await woo.seller.client.post(woo.connector["path"], content=b"webhook_id=7&id=1")
    is_problem(unsigned, 401, "wrong_signature")


@pytest.mark.parametrize(
    ("currency", "total", "minor"),
    [("JPY", "1200", 1_200), ("KWD", "1.234", 1_234), ("EUR", "12", 1_200)],
)
def test_money_follows_the_digits_of_its_currency(currency: str, total: str, minor: int) -> None:
    heard = hear("order.created", woo_order(currency=currency, total=total), {})
    assert isinstance(heard.order, NewOrder)
    assert heard.order.total_minor == minor


@pytest.mark.parametrize("total", ["1.5", "", "NaN", "1e400", "twelve"])
def test_an_amount_that_is_none_is_refused(total: str) -> None:
    with pytest.raises(Refused) as refusal:
        hear("order.created", woo_order(currency="JPY", total=total), {})
    assert (refusal.value.code, refusal.value.pointer) == ("bad_money", "/total")


@pytest.mark.parametrize("status", ["checkout-draft", "completed"])
def test_a_basket_and_what_has_left_elsewhere_are_no_orders_for_us(status: str) -> None:
    assert hear("order.created", woo_order(status=status), {}).over is not None


async def test_two_orders_of_one_second_have_one_delivery_name_and_both_come(
    woo: WooCommerce,
) -> None:
    for number in (727, 728):
        body = woo_order(id=number, number=str(number))
        assert (await woo.heard("order.created", body, "one-second"))["did"] == ["placed", "paid"]
    assert await woo.orders() == 2


async def test_an_order_that_was_cancelled_before_it_came_and_stands_again_is_placed(
    woo: WooCommerce,
) -> None:
    # Unpaid it is cancelled after an hour; then the money comes after all.
    given_up = woo_order(status="cancelled", date_paid_gmt=None)
    assert (await woo.heard("order.updated", given_up))["did"] == ["cancelled before it came"]
    assert (await woo.heard("order.created", woo_order()))["did"] == ["cancelled before it came"]
    paid = woo_order(date_modified_gmt="2017-03-22T21:00:00")
    assert (await woo.heard("order.updated", paid))["did"] == ["placed", "paid"]


async def test_an_order_that_was_cancelled_here_and_stands_again_is_told(woo: WooCommerce) -> None:
    await woo.heard("order.created", woo_order(status="pending", date_paid_gmt=None))
    given_up = woo_order(
        status="cancelled", date_paid_gmt=None, date_modified_gmt="2017-03-22T20:00:00"
    )
    assert (await woo.heard("order.updated", given_up))["did"] == ["cancelled"]
    late = await woo.heard("order.updated", woo_order())
    assert late["state"] == "done", late
    paid = await woo.heard("order.updated", woo_order(date_modified_gmt="2017-03-22T21:00:00"))
    assert (paid["state"], paid["code"]) == ("refused", "cancelled_here")
    assert (await woo.order())["state"] == "cancelled"


async def test_an_order_that_is_fetched_out_of_the_bin_is_placed(woo: WooCommerce) -> None:
    await woo.heard("order.deleted", {"id": 727})
    assert (await woo.heard("order.updated", woo_order()))["did"] == ["cancelled before it came"]
    assert (await woo.heard("order.restored", woo_order()))["did"] == ["placed", "paid"]


async def test_updated_before_created_and_an_older_status_after_a_newer_change_nothing(
    woo: WooCommerce,
) -> None:
    assert (await woo.heard("order.updated", woo_order()))["did"] == ["placed", "paid"]
    older = woo_order(status="pending", date_paid_gmt=None, date_modified_gmt="2017-03-22T19:28:03")
    older["billing"] = older["billing"] | {"address_1": "1 Old Road"}
    assert (await woo.heard("order.created", older))["state"] == "done"
    order = await woo.order()
    assert (order["payment_state"], order["ship_to"]["lines"]) == ("paid", ["969 Market"])


async def test_an_address_and_a_mail_that_they_change_are_changed_here(woo: WooCommerce) -> None:
    await woo.heard("order.created", woo_order())
    moved = woo_order(date_modified_gmt="2017-03-22T20:00:00")
    moved["billing"] = moved["billing"] | {"address_1": "5 Elm Street", "email": "j@example.org"}
    came = await woo.heard("order.updated", moved)
    assert came["did"] == ["address changed", "contact changed"], came
    order = await woo.order()
    assert order["ship_to"]["lines"] == ["5 Elm Street"]
    assert order["customer"]["email"] == "j@example.org"


async def test_all_of_it_refunded_is_cancelled(woo: WooCommerce) -> None:
    await woo.heard("order.created", woo_order())
    back = woo_order(status="refunded", refunds=[{"id": 726, "total": "-29.35"}])
    for _ in range(2):
        assert (await woo.heard("order.updated", back))["state"] == "done"
    order = await woo.order()
    assert (order["state"], order["payment_state"]) == ("cancelled", "refunded")


async def test_what_a_buyer_chose_for_a_line_is_kept_and_what_plugins_tell_each_other_is_not(
    woo: WooCommerce,
) -> None:
    body = woo_order()
    body["line_items"][0]["meta_data"] = [
        {"key": "engraving", "display_key": "Engraving", "display_value": "Ada", "value": "Ada"},
        {"key": "Gift message", "value": "Happy birthday"},
        {"key": "_reduced_stock", "value": "2"},
        {"key": "options", "value": {"any": ["thing"]}},
    ]
    await woo.heard("order.created", body)
    order = await woo.order()
    note = "Ring twice\nCUP, Engraving: Ada\nCUP, Gift message: Happy birthday"
    assert order["buyer_note"]["text"] == note
    assert order["lines"][0]["gift_message"]["text"] == "Happy birthday"

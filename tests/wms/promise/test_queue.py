"""What can honestly be said of a place in a queue, and what a sale may be."""

from datetime import timedelta

import pytest

from tests.builders import NOW
from wms.error import Refused
from wms.promise.queue import Ahead, Outlook
from wms.promise.sale import Queue, Sale, SaleItem, Share

SOON = NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("ahead", "outlook", "wait_s"),
    [
        (Ahead(0, 0, 5, 0, None, None), Outlook.LIKELY, 0),
        (Ahead(120, 120, 500, 0, 60, None), Outlook.LIKELY, 120),
        (Ahead(3, 3, 5, 3, None, SOON), Outlook.POSSIBLE, 90),
        (Ahead(120, 3, 5, 3, 60, SOON), Outlook.POSSIBLE, 120),
        (Ahead(5, 5, 5, 0, None, SOON), Outlook.UNLIKELY, None),
        (Ahead(0, 0, 0, 0, 60, None), Outlook.UNLIKELY, None),
    ],
)
def test_the_outlook_is_what_stock_says_now(
    ahead: Ahead, outlook: Outlook, wait_s: int | None
) -> None:
    assert ahead.outlook(1) is outlook
    assert ahead.wait_s_min(1, NOW) == wait_s
    assert ahead.place == ahead.before + 1


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"ends_at": NOW}, "bad_period", "/ends_at"),
        ({"items": ()}, "no_items", "/items"),
        ({"items": (SaleItem("A"), SaleItem("A"))}, "doubled_item", "/items/1/sku"),
        ({"items": (SaleItem("A", 0),)}, "bad_quantity", "/items/0/quantity"),
        ({"limit_per_buyer": 0}, "bad_quantity", "/limit_per_buyer"),
        ({"items": (SaleItem("A"), SaleItem("B")), "queue": Queue()}, "one_item", "/items"),
        ({"classes": (Share("a", 5, 5),)}, "quantity_needed", "/items/0/quantity"),
        ({"classes": (Share("a", 5, 5), Share("a", 6, 5))}, "doubled_class", "/classes"),
        ({"classes": (Share("a", 11, 5), Share("b", 10, 5))}, "share_too_large", "/classes"),
        (
            {"items": (SaleItem("A", 9),), "classes": (Share("a", 5, 5),), "queue": Queue()},
            "queue_and_classes",
            "/classes",
        ),
    ],
)
def test_nonsense_is_no_sale(changed: dict[str, object], code: str, pointer: str) -> None:
    said: dict[str, object] = {
        "code": "DROP",
        "starts_at": NOW,
        "ends_at": SOON,
        "items": (SaleItem("A"),),
    }
    with pytest.raises(Refused) as refusal:
        Sale(**(said | changed))  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)


def test_a_share_is_rounded_down() -> None:
    assert Share("gold", 20, 5).of(9) == 1

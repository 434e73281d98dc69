"""Places an order, pays it, and tells what has happened since the last time.

    .venv/bin/python examples/shop/sell.py --key "$KEY"

It sells what `examples/items.csv` and `examples/stock.csv` have put on the shelves.
"""

import argparse
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from client import Json, Stowline, StowlineError


def order_of(number: str, sku: str, quantity: int, now: datetime) -> Json:
    """An order as your checkout would write it."""
    return {
        "external_order_id": number,
        "placed_at": now.isoformat(),
        "currency": "EUR",
        "customer": {"name": "Ada Merton", "email": "ada@example.com"},
        "ship_to": {
            "name": "Ada Merton",
            "lines": ["12 Mill Lane"],
            "postal_code": "LU1 2AB",
            "city": "Luton",
            "country": "GB",
        },
        "lines": [
            {
                "sku": sku,
                "quantity": quantity,
                "unit_price": {"amount_minor": 1_200, "currency": "EUR"},
            }
        ],
    }


def sell(shop: Stowline, sku: str, quantity: int, now: datetime) -> Json:
    """The order after it was placed and paid; its number keeps it from being placed twice."""
    number = f"shop-{uuid.uuid4().hex[:12]}"
    order = shop.place(order_of(number, sku, quantity, now))
    return shop.pay(
        order["id"],
        {
            "state": "paid",
            "amount": order["total"],
            "reference": f"charge {number}",
            "at": now.isoformat(),
        },
    )


def news(shop: Stowline, bookmark: Path) -> list[Json]:
    """What happened since the last time; the bookmark is moved once all of it is dealt with."""
    after = bookmark.read_text("utf-8").strip() if bookmark.exists() else None
    events = list(shop.events(after))
    if events:
        bookmark.write_text(events[-1]["cursor"], "utf-8")
    return events


def main() -> int:
    options = argparse.ArgumentParser(description="Sell something by Stowline.")
    options.add_argument("--key", required=True, help="the shop's")
    options.add_argument("--api", default="http://127.0.0.1:8080")
    options.add_argument("--sku", default="MUG-RED")
    options.add_argument("--quantity", type=int, default=1)
    options.add_argument("--bookmark", type=Path, default=Path("events.cursor"))
    chosen = options.parse_args()
    shop = Stowline(chosen.key, chosen.api)
    now = datetime.now(UTC)  # noqa: TID251 a shop has a clock of its own
    try:
        order = sell(shop, chosen.sku, chosen.quantity, now)
    except StowlineError as refusal:
        sys.stderr.write(f"refused: {refusal}\n")
        return 1
    sys.stdout.write(f"order {order['id']} is {order['state']} and {order['payment_state']}\n")
    for event in news(shop, chosen.bookmark):
        sys.stdout.write(f"{event['occurred_at']} {event['type']} {event['subject']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

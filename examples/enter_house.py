"""Enters what no import command takes yet: cartons, a carrier, and people who may sign in.

    .venv/bin/python examples/enter_house.py [--carrier-url http://127.0.0.1:9100]

It goes through wms/journey/entry.py, as the import commands do. Run it again and it changes what
is there already.
"""

import argparse
import asyncio
import secrets
import sys

from api.cli import with_database
from api.settings import Settings
from api.wiring import open_house
from wms.database.pool import staff_transaction
from wms.journey import entry
from wms.packing.carton import CartonType
from wms.tenants.staff import Role

CARTONS = [
    CartonType("C-S", 250, 180, 120, 110, 5_000),
    CartonType("C-M", 330, 250, 180, 220, 10_000),
    CartonType("C-L", 430, 330, 250, 420, 20_000),
]
PEOPLE = [("Pia Picker", Role.OPERATOR, "B-01"), ("Paul Planner", Role.PLANNER, "B-02")]


async def enter(settings: Settings, carrier_url: str) -> list[tuple[str, str]]:
    """Enters the house in one transaction; answers the badges with their new PINs."""
    pins = [(badge, f"{secrets.randbelow(10_000):04d}") for _, _, badge in PEOPLE]
    async with (
        open_house(settings, "example") as house,
        staff_transaction(house.pool) as connection,
    ):
        await entry.enter_cartons(connection, CARTONS)
        await entry.enter_carrier(
            connection, "PARCELS", "Parcels Ltd", carrier_url, secrets.token_urlsafe(24)
        )
        for (name, role, badge), (_, pin) in zip(PEOPLE, pins, strict=True):
            await entry.enter_staff(connection, name, role, badge, pin)
    return pins


def main() -> None:
    options = argparse.ArgumentParser(description="Enter cartons, a carrier and two people.")
    options.add_argument("--carrier-url", default="http://127.0.0.1:9100")
    chosen = options.parse_args()
    with with_database(Settings.from_environment()) as served:
        for badge, pin in asyncio.run(enter(served, chosen.carrier_url)):
            sys.stdout.write(f"badge {badge}  PIN {pin}\n")


if __name__ == "__main__":
    main()

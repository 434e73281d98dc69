"""A label of each kind, and what must not come through one."""

from datetime import date

from devices.gs1 import sscc18
from devices.label import (
    BinLabel,
    Direction,
    ItemLabel,
    Label,
    PalletLabel,
    ParcelLabel,
    ToteLabel,
)

SSCC = sscc18("4012345", 17, 3)
GTIN = "4006381333931"
HOSTILE = "^XZ~JA\n^XA^FDx^FS_5E_7E\\&\x00\x1b{}|>8>:^PQ9"
ENGLISH = ("Ada Lovelace", "12 St James's Square", "London SW1Y 4JH", "UNITED KINGDOM")
CHINESE = ("王小明 先生", "上海市浦东新区世纪大道1568号中建大厦12层1203室", "200122 上海", "CN")


def parcel(recipient: tuple[str, ...] = ENGLISH, **change: object) -> ParcelLabel:
    """Give a parcel's label, with some fields changed."""
    fields: dict[str, object] = {
        "service": "Express",
        "routing_code": "GB-SW1",
        "tracking_number": "ST0000000017",
        "sscc": SSCC,
        "sender": "Stowline, 12 Mill Road, Coventry",
        "reference": "Order 536365",
    }
    return ParcelLabel(recipient, **(fields | change))  # type: ignore[arg-type]  # by name


def pallet(**change: object) -> PalletLabel:
    """Give a pallet's label, with some fields changed."""
    fields: dict[str, object] = {
        "gtin": GTIN,
        "count": 48,
        "lot": "L24-07A",
        "best_before": date(2027, 3, 31),
        "name": "Milk chocolate 70 g × 24",
        "sender": "Stowline, Coventry",
        "recipient": ("Müller Handels GmbH", "Lagerstraße 5", "80995 München", "GERMANY"),
        "mass_g": 412_500,
    }
    return PalletLabel(SSCC, **(fields | change))  # type: ignore[arg-type]  # by name


LABELS: dict[str, Label] = {
    "parcel": parcel(number=1, parcels=3, mass_g=2_450),
    "parcel in Chinese": parcel(CHINESE, sender="深圳仓库", reference="订单 536365"),
    "parcel, hostile": parcel((HOSTILE, "Ada", HOSTILE), sender=HOSTILE, reference=HOSTILE),
    "parcel, longest codes": parcel(tracking_number="A" * 29 + "Z", routing_code="WWWWWWWWWWWWWW"),
    "bin": BinLabel("A-01-02-3", "Zone A, heavy goods", "47", Direction.UP),
    "bin in Chinese": BinLabel("ABC-99-99-99", "重货区"),
    "place, hostile": BinLabel("PACK-01", HOSTILE, "^XZ", Direction.LEFT),
    "tote": ToteLabel("T-00001"),
    "tote, hostile": ToteLabel("T-000000017", HOSTILE),
    "cart": ToteLabel("CART-0017", "推车"),
    "item": ItemLabel("REGENCY CAKESTAND 3 TIER, WHITE, GOLD RIM", GTIN, "22423"),
    "item of 8 digits": ItemLabel("Chewing gum", "96385074"),
    "item of 12 digits": ItemLabel("Shaving foam", "036000291452"),
    "case": ItemLabel("Twelve of them", "14006381333938", "22423-12"),
    "item with lot": ItemLabel("牛奶巧克力", GTIN, "CHOC", "L24_1/A>", date(2027, 3, 31)),
    "item without GTIN": ItemLabel("Brass hook", sku="HOOK-12"),
    "item without GTIN, with lot": ItemLabel("Brass hook", sku="HOOK-12", lot="L1"),
    "item, hostile": ItemLabel(HOSTILE, sku="A^XZ~JA_1>8B"),
    "item of a long number": ItemLabel("Cable", sku="CABLE-" + "X9" * 20),
    "pallet": pallet(),
    "pallet, compact": pallet(compact=True),
    "pallet of a long lot": pallet(lot="ABCDEFGHIJKLMNOPQRST", produced=date(2026, 9, 1)),
    "pallet of one": pallet(count=5, lot="", best_before=None),
    "pallet without content": PalletLabel(SSCC),
    "pallet, hostile": pallet(name=HOSTILE, sender=HOSTILE, recipient=(HOSTILE,), lot="A>8<_1"),
    "pallet in Chinese": pallet(name="牛奶巧克力", recipient=CHINESE, compact=True),
}

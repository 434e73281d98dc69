"""Reads a drawn label as a scanner does, and says what it should have read."""

import zxingcpp
from PIL import Image

from devices.gs1 import Scan, ScanKind, parse_scan
from devices.label import BinLabel, ItemLabel, Label, PalletLabel, ParcelLabel, ToteLabel

Read = frozenset[tuple[ScanKind, str, frozenset[tuple[str, str]]]]


def scan_image(image: Image.Image) -> Read:
    """Give every code on an image as our own scanners' parser understands it."""
    found = zxingcpp.read_barcodes(image.convert("L"), text_mode=zxingcpp.TextMode.Plain)
    return frozenset(_told(parse_scan(code.symbology_identifier + code.text)) for code in found)


def meant(label: Label) -> frozenset[tuple[str, str]]:
    """Give every fact of a label that must stand in its codes: application identifier and value.

    A code of our own has `code` for its identifier.
    """
    match label:
        case ParcelLabel():
            return frozenset({("00", label.sscc), ("code", label.tracking_number)})
        case BinLabel() | ToteLabel():
            return frozenset({("code", label.code)})
        case ItemLabel():
            return _of_item(label)
        case PalletLabel():
            return _of_pallet(label)


def facts(read: Read) -> frozenset[tuple[str, str]]:
    """Give the facts of what was read, in the words of `meant`."""
    told: set[tuple[str, str]] = set()
    for kind, value, elements in read:
        assert kind is not ScanKind.FAULT, value
        if elements:
            told |= elements
        else:
            told.add(("01" if kind is ScanKind.GTIN else "code", value))
    return frozenset(told)


def _of_item(label: ItemLabel) -> frozenset[tuple[str, str]]:
    if not label.gtin:
        return frozenset({("code", label.sku)})
    told = {("01", label.gtin.zfill(14))}
    if label.lot:
        told.add(("10", label.lot))
    if label.expiry:
        told.add(("17", f"{label.expiry:%y%m%d}"))
    return frozenset(told)


def _of_pallet(label: PalletLabel) -> frozenset[tuple[str, str]]:
    told = {("00", label.sscc)}
    if label.gtin:
        told |= {("02", label.gtin.zfill(14))}
        digits = str(label.count)
        told.add(("37", digits.zfill(len(digits) + len(digits) % 2)))
    if label.lot:
        told.add(("10", label.lot))
    for ai, day in (("11", label.produced), ("15", label.best_before), ("17", label.expiry)):
        if day is not None:
            told.add((ai, f"{day:%y%m%d}"))
    return frozenset(told)


def _told(scan: Scan) -> tuple[ScanKind, str, frozenset[tuple[str, str]]]:
    elements = frozenset((element.ai, element.value) for element in scan.elements)
    return scan.kind, scan.value, elements

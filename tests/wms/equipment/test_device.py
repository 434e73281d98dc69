"""What may be entered of a device."""

import pytest

from wms.equipment.device import CLASSES, DeviceEntry
from wms.error import Refused


def entry(device_class: str, name: str = "DEV-01") -> DeviceEntry:
    return DeviceEntry("main", "floor", device_class, name, None, {})


def test_every_class_that_a_refusal_names_may_be_entered() -> None:
    for device_class in CLASSES:
        entry(device_class).check()


@pytest.mark.parametrize(
    ("device_class", "name"),
    [
        ("scaner", "SCN-01"),
        ("Scanner", "SCN-01"),
        ("", "SCN-01"),
        ("gateway", "other"),
        ("scanner", "stowline"),
    ],
)
def test_a_mistyped_class_and_the_houses_own_name_are_refused(device_class: str, name: str) -> None:
    with pytest.raises(Refused):
        entry(device_class, name).check()
    entry("gateway", "stowline").check()

"""From what stands on a label to where it stands."""

from devices.label.content import BinLabel, ItemLabel, Label, ParcelLabel, ToteLabel
from devices.label.item import draw_item
from devices.label.pallet import draw_pallet
from devices.label.paragraph import Setter
from devices.label.parcel import draw_parcel
from devices.label.script import Script
from devices.label.sheet import Sheet
from devices.label.shelf import draw_bin, draw_tote

PRINTER_SCRIPTS = frozenset({Script.LATIN})


def lay_out(label: Label, fonts: frozenset[Script] = PRINTER_SCRIPTS) -> Sheet:
    """Place a label's text and bar codes; `fonts` are the scripts that the printer draws itself.

    Raises: LabelRefused, something does not fit or cannot be drawn.
    """
    setter = Setter(fonts)
    if isinstance(label, ParcelLabel):
        return draw_parcel(label, setter)
    if isinstance(label, BinLabel):
        return draw_bin(label, setter)
    if isinstance(label, ToteLabel):
        return draw_tote(label, setter)
    if isinstance(label, ItemLabel):
        return draw_item(label, setter)
    return draw_pallet(label, setter)

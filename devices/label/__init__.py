"""Labels: what stands on them, and how they are drawn.

What draws pictures and PDFs is loaded only when it draws.
"""

from devices.label.content import (
    BinLabel,
    Direction,
    ItemLabel,
    Label,
    LabelRefused,
    PalletLabel,
    ParcelLabel,
    ToteLabel,
)
from devices.label.image import render_image
from devices.label.pdf import render_pdf
from devices.label.script import Script
from devices.label.zpl import render_zpl

__all__ = [
    "BinLabel",
    "Direction",
    "ItemLabel",
    "Label",
    "LabelRefused",
    "PalletLabel",
    "ParcelLabel",
    "Script",
    "ToteLabel",
    "render_image",
    "render_pdf",
    "render_zpl",
]

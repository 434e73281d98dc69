"""The printers: ZPL labels, printed once and confirmed by the printer's own counter."""

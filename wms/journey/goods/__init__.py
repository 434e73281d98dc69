"""Goods in the house: corrected, moved, refilled, counted, put together, and who gives way."""

"""Figures that can be made again: `./run bench NAME`."""

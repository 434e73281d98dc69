"""Stands in for hardware and people: knocks at real doors, and keeps its own truth."""

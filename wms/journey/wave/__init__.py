"""Waves and what follows from them: walks that end, the sorter, labels, departures."""

"""Readers of the text formats in which picking problems are published."""

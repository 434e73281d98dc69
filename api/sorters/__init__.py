"""Sorters: how they stand, why what goes where, and their lanes."""

"""Cartons for an order, by shape, volume and mass."""

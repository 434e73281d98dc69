"""Vans on routes for one departure."""

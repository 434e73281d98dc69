"""Loads put into carts, and carts given to pickers."""

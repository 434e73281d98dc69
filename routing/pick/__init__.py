"""Picker tours in one rectangular block, and orders batched into carts."""

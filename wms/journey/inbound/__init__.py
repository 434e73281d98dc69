"""Goods that come in: announced, received, looked at, sent back; suppliers and purchases."""

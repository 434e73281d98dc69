"""Devices of the house: entered, let onto the broker, asked for something, and heard."""

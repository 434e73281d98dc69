"""Goods that are sent by mail: a vault of codes, and to whom each of them went."""

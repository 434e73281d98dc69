"""Tickets that a human answers, and how long each step of the house may take."""

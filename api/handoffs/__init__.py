"""Tickets, and the limits of the house's steps."""

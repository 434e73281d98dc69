"""Vehicles on routes: deliveries, pickups, and what a day on the road must keep to."""

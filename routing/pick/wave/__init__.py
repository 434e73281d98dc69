"""Which orders to release now, so that each visited aisle gives most."""

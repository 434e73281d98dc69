"""A departure's vans: planned, wished for, on their way."""

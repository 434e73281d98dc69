"""One picker's walk past the stops of a cart."""

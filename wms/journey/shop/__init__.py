"""A shop's own matters: where it hears of events."""

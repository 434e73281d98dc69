"""Roads: how far and how long it is from place to place, from a map that lies on this machine."""

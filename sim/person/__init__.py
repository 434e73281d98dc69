"""The people: they do what the screen says, with hands that obey the world."""

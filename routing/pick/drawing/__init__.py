"""The parts of a drawn floor: its ground, the lanes of its walks, the marks of its stops."""

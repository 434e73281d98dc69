"""Published file formats of routing problems."""

"""Who did what, when, to which object; in a chain that shows where it was broken."""

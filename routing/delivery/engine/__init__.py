"""Engines that are other people's libraries, and what brings their routes together."""

"""Mails to buyers: what they say, to whom, and what came of each."""

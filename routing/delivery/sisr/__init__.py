"""Slack induction by string removals, for one depot and one type of vehicle."""

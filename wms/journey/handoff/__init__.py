"""A human is asked for, answers, and hears of what takes too long."""

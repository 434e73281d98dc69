"""Claims on goods: supply that is promised by date, losses that free the youngest, policies."""

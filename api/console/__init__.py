"""The planners' console: a process of its own that reads the house and shows it live."""

"""Why a file is not planned."""


class PlanRefused(Exception):
    """The file cannot be read, or says something that cannot be; the text says what and where."""

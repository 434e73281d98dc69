"""What routing refuses to answer."""


class NoPlan(Exception):
    """Neither the solver nor the fallback rule made a plan that passed its audit."""

"""What is wrong with a code, in a plain sentence."""


class Fault(Exception):
    """A code breaks a rule of GS1; its text says which, for people."""


class RunTogether(Fault):
    """FNC1 is missing, so that two element strings cannot be told apart."""

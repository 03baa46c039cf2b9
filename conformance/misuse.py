"""The error for requests that cannot be carried out."""


class Misuse(Exception):
    """The user's request cannot be carried out; the message is one sentence that says what to do (exit status 2)."""

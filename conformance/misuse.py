"""What a user asked for cannot be done."""


class Misuse(Exception):
    """It cannot be done as it was asked for; the message is one sentence that says what to do (exit status 2)."""

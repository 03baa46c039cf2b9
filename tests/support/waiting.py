"""Waits of tests: each has a deadline, and says what did not come."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(probe: Callable[[], T | None], what: str, deadline: float = 10.0) -> T:
    """The first true value of ``probe()``; the test fails, naming ``what``, if none comes in ``deadline`` seconds."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if found := probe():
            return found
    raise AssertionError(f"waited {deadline} s for {what}")

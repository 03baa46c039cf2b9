"""How much of a class may be impossible to judge before the rest of it is not run."""

from conformance.checking.findings import Unknown

TOLERABLE = 3  # calls of a class, by default: each of them has taken all the patience that there is
NOT_RUN = "nothing more of this class was run"  # how the reason begins


class Tolerance:
    """The calls of a class that could not be judged, by whatever start method."""

    def __init__(self, calls: float = TOLERABLE) -> None:
        self.calls = calls
        self.unknown: list[Unknown] = []

    @property
    def exhausted(self) -> str:
        """Why nothing more of the class is run; empty while it is."""
        if len(self.unknown) < self.calls:
            return ""
        first = self.unknown[0]
        return f"{NOT_RUN}: {len(self.unknown)} calls could not be judged, the first for {first.clause}: {first.reason}"

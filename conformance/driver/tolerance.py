"""How many calls of a class may be impossible to judge before the rest of the class is not run."""

from conformance.checking.findings import Unknown

TOLERABLE = 3  # calls of a class, by default: each of them has exhausted the driver's patience


class Tolerance:
    """The calls of a class that could not be judged, with any start method."""

    def __init__(self, calls: float = TOLERABLE) -> None:
        self.calls = calls
        self.unknown: list[Unknown] = []

    @property
    def exhausted(self) -> str:
        """Why nothing more of the class is run; empty while it is still run."""
        if len(self.unknown) < self.calls:
            return ""
        first = self.unknown[0]
        return (
            f"nothing more of this class was run: {len(self.unknown)} calls could not be judged, "
            f"the first for {first.clause}: {first.reason}"
        )

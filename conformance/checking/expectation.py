"""What a subject is known to show, and whether findings have it."""

from dataclasses import dataclass, field

from conformance.checking.findings import Findings
from conformance.checking.witness import Witness


@dataclass(frozen=True)
class Expectation:
    """A violation that a subject is known to show; ``observed`` is part of what is observed.

    If ``tries`` replays of the ``witness`` do not show it, that is news; if it is ``steady``, every replay shows it.
    """

    clause: str
    observed: str = ""
    witness: Witness | None = field(default=None, hash=False)
    tries: int = 1
    steady: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """The key by which findings count its replays."""
        return self.clause, self.observed

    def seen_in(self, findings: Findings) -> bool:
        """Whether what is known has been observed."""
        return any(self.observed in kind.observed for kind in findings.violated.get(self.clause, ()))

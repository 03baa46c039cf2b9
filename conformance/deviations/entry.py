"""One known violation: of which clause, by which subjects, and how often its witness shows it."""

import math
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from conformance.checking.expectation import Expectation
from conformance.checking.findings import Findings
from conformance.checking.witness import Witness
from conformance.subjects.subject import Subject

UNREPORTED = "unreported"
DOUBT = 0.001  # that nothing has changed, although so many replays have not shown it
STEADY_TRIES = 3  # replays of what shows each time: one that fails for another reason is no news


@dataclass(frozen=True)
class Rate:
    """How often replays of a witness have shown a race: the least that any of its subjects has shown."""

    hits: int
    tries: int

    @property
    def needed(self) -> int:
        """How many replays must not show it before that is believed, with 99.9 % confidence.

        If nothing had changed, all hits would fall among the earlier tries with a probability of at
        most (tries / (tries + needed)) ** hits. A rate that rests on few hits asks for more replays.
        """
        return math.ceil(self.tries * (math.pow(DOUBT, -1 / self.hits) - 1))

    def __str__(self) -> str:
        return f"{self.hits} in {self.tries}"


@dataclass(frozen=True)
class Deviation:
    """A known violation of one clause by some subjects.

    Its ``name`` never changes, and is no other's. ``observed`` is part of what is seen when it shows.
    The subjects are those of all ``implementations``, ``interpreters`` (by name), ``start_methods`` and
    ``platforms`` (of ``sys.platform``) that are named, or of any where none is; of Python from ``since``
    on and before ``until``; of the implementation's releases from ``since_release`` on and before
    ``until_release``. Its ``witness`` shows it each time, or at a ``rate``, if it is a race. ``reproducer``
    names the script that shows what is ``unreported``; ``doubt`` says why it may be no deviation. ``file``
    is where the entry stands.
    """

    name: str
    clause: str
    observed: str
    reason: str
    issue: str
    implementations: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    start_methods: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    since: str = "3.8"
    until: str = "999"
    since_release: str = ""
    until_release: str = ""
    rate: Rate | None = None
    reproducer: str = ""
    doubt: str = ""
    witness: Witness | None = field(default=None, hash=False)
    file: Path = field(default=Path(), compare=False)

    def inherited_by(self, subject: Subject) -> bool:
        """Whether it is not the subject's implementation that deviates, but what that inherits from."""
        interpreter = subject.interpreter
        return (
            not among(interpreter.implementation, self.implementations) and interpreter.inherits in self.implementations
        )

    def concerns(self, subject: Subject) -> bool:
        """Whether the subject is among those that deviate; by inheritance, it may have mended it."""
        interpreter = subject.interpreter
        inherited = self.inherited_by(subject)
        return (
            (inherited or among(interpreter.implementation, self.implementations))
            and among(interpreter.name, self.interpreters)
            and among(subject.start_method, self.start_methods)
            and among(sys.platform, self.platforms)
            and numbers(self.since) <= interpreter.version < numbers(self.until)
            and (inherited or self.released(interpreter.release))
        )

    def released(self, release: str | None) -> bool:
        """Whether a release of the implementation is one of those that deviate; one that is unknown is."""
        if release is None or not (self.since_release or self.until_release):
            return True
        after = not self.since_release or leading(release) >= leading(self.since_release)
        return after and (not self.until_release or leading(release) < leading(self.until_release))

    @property
    def tries(self) -> int:
        """How many replays of the witness must not show it before that is believed."""
        return self.rate.needed if self.rate else STEADY_TRIES

    @property
    def expectation(self) -> Expectation:
        """What a campaign needs to know of it."""
        return Expectation(self.clause, self.observed, self.witness, self.tries, self.rate is None)

    @property
    def key(self) -> tuple[str, str]:
        """What findings count its replays by."""
        return self.expectation.key

    def seen_in(self, findings: Findings) -> bool:
        """Whether it was observed."""
        return self.expectation.seen_in(findings)

    @property
    def place(self) -> str:
        """Which entry it is, and where it stands, in words: reports tell entries apart by this."""
        return f"deviation {self.name} of {self.file} ({self.clause})"


def among(name: str, names: tuple[str, ...]) -> bool:
    """Whether a name is one of these, or none is given."""
    return not names or name in names


@cache
def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers. Raises ValueError."""
    return tuple(int(part) for part in version.split("."))


def leading(release: str) -> tuple[int, ...]:
    """The numbers that a release starts with: (4, 2, 1) of ``4.2.1rc1+cpu``."""
    start = re.match(r"\d+(\.\d+)*", release)
    return numbers(start.group()) if start else ()


def expected(deviations: Iterable[Deviation], clause: str, subject: Subject) -> list[Deviation]:
    """The deviations that this subject is known to show on this clause."""
    return [d for d in deviations if d.clause == clause and d.concerns(subject)]

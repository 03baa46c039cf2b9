"""Measures how often a reproducer shows its bug, by running it several times."""

import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from conformance.forensics import process
from conformance.subjects.subject import Interpreter

KEEPS, SHOWS, INAPPLICABLE, FAILED = 0, 1, 2, 3
"""Exit statuses: the promise is kept; the bug occurs; it does not apply here; the script could not try it.

The last two prove nothing, and nor does any other.
"""

CUT = -1  # the status of a run that did not end in time
BROKEN = -2  # the status of a run in which Python could not parse the script: it exits as if the bug had occurred
PER_RUN = 90.0  # seconds: longer than the watchdog of any reproducer


@dataclass(frozen=True)
class Frequency:
    """How many of ``runs`` showed the bug; ``statuses`` counts their exit statuses, ``output`` is that of the last."""

    shown: int
    runs: int
    statuses: Mapping[int, int] = field(default_factory=dict)
    output: str = ""

    def with_more(self, more: "Frequency") -> "Frequency":
        """Both frequencies together, with the output of the later runs."""
        statuses = Counter(self.statuses) + Counter(more.statuses)
        return Frequency(self.shown + more.shown, self.runs + more.runs, statuses, more.output or self.output)

    def __str__(self) -> str:
        untried = self.runs - self.shown - self.statuses.get(KEEPS, 0) if self.statuses else 0
        proving_nothing = f", {untried} of which could not try it" if untried else ""
        return f"shows in {self.shown} of {self.runs} run{'' if self.runs == 1 else 's'}{proving_nothing}"


def measure(source: str, interpreter: Interpreter, start_method: str, times: int, seconds: float) -> Frequency:
    """Runs a script up to ``times`` times, at least once, until ``seconds`` have elapsed.

    Never hangs: a run that does not end in time is killed, and counts only if it is the first. Each run has
    a warden, which ends and reaps whatever it started. The output is that of the last run that showed the
    bug, if any did.
    """
    statuses: Counter[int] = Counter()
    said: dict[int, str] = {}
    deadline = monotonic() + seconds
    while statuses.total() < times and (monotonic() < deadline or not statuses):
        status, output = run_script(source, interpreter, start_method, max(1.0, min(PER_RUN, deadline - monotonic())))
        if status != CUT or not statuses:
            statuses[status] += 1
            said[status] = output
    last = said.get(SHOWS, next(iter(said.values()), ""))
    return Frequency(statuses[SHOWS], statuses.total(), dict(statuses), last)


def run_script(source: str, interpreter: Interpreter, start_method: str, seconds: float) -> tuple[int, str]:
    """Runs a script once, in a directory of its own: returns its exit status and the end of its output."""
    private = process.name_directory(tempfile.gettempdir())
    script = private / "reproducer.py"
    command = [interpreter.executable, str(script), start_method]
    known = {**environment(interpreter), "TMPDIR": str(private)}
    with process.start(command, known, private, held=True) as supervised:
        private.mkdir(mode=0o700)
        script.write_text(source, encoding="utf-8")
        supervised.release()
        status = supervised.wait(seconds)
        supervised.close()
        said = supervised.stderr_tail()
    if status is None:
        return CUT, said
    return (BROKEN if status == SHOWS and "SyntaxError: " in said else status), said


def environment(interpreter: Interpreter) -> dict[str, str]:
    """The driver's environment, with a path on which the implementation is found."""
    known = [*interpreter.path, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, **({"PYTHONPATH": os.pathsep.join(known)} if known else {})}

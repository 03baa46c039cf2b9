"""A violation and what belongs to it: what messages, reports and pictures are made of."""

from conformance import catalogue
from conformance.checking.findings import Violation
from conformance.checking.script import Call
from conformance.checking.witness import Witness
from conformance.subjects.subject import Interpreter, Subject
from conformance.vocabulary.outcomes import Observed

MS = 1_000_000  # ns
CLAUSE = catalogue.clauses()["queue.put.full"]
SUBJECT = Subject(
    Interpreter("/usr/bin/python3.8", "billiard", (3, 8, 1), "CPython", ("fork",), "4.2", ("/a b",)), "fork"
)


def call(
    actor: int,
    op: str,
    start: int,
    end: int | None = None,
    seen: str = "None",
    args: tuple[object, ...] = (),
    raised: str = "",
) -> Call:
    """A call of a history, at times in milliseconds; without an end, it is open."""
    begun = Call(start, actor, op, args, {}, start * MS)
    observed = Observed("raised", seen, (raised,)) if raised else Observed("returned", seen)
    return begun if end is None else begun.finished(start * MS, end * MS, observed)


HISTORY = (
    call(0, "put", 0, 1, args=(1,)),
    call(1, "get", 2, 7, "1"),
    call(0, "put", 3, 9, "('full')", (2,), raised="queue.Full"),
    call(2, "join", 8),
)
VIOLATION = Violation(
    Witness(CLAUSE.name, arguments={"size": 3, "objs": (b"x" * 5, "y")}),
    promised="put(2, False) must be one of: full: raises queue.Full",
    observed="put(2, False) returned None",
    permitted=("full: raises queue.Full",),
    state="Queue(maxsize=1)",
    history=HISTORY,
    call=3,
    evidence="\n".join(f"line {number}" for number in range(100)),
)

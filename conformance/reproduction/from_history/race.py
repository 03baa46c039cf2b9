"""Reproducers of races: the same calls on many fresh objects, by processes that begin together.

All processes look at one clock to know when to begin with the next object, so nothing that is under test decides
it. How far apart they then really are decides how often the bug shows, and nothing else: what is taken for a
violation, no order of the calls explains.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import indent

from conformance.checking.findings import Violation
from conformance.checking.script import Call
from conformance.reproduction.body import Body, ImportPath
from conformance.reproduction.from_history import checks
from conformance.reproduction.from_history.arrangement import has_closed
from conformance.reproduction.from_history.blame import Blamed
from conformance.reproduction.from_history.functions import definitions
from conformance.reproduction.from_history.program import MAIN, Part, Program, Proof, stays
from conformance.reproduction.from_history.selection import Selection
from conformance.reproduction.from_history.writing import ORDINALS, Writing
from conformance.reproduction.source import quoted, write_constructor
from conformance.vocabulary.outcomes import Observed
from conformance.vocabulary.spec import Spec

OBJECTS = 50  # made for one run: few enough for what has descriptors, by any start method
MANY_OBJECTS = 2000  # of those without
LATER = 0.001  # seconds after those of one round that the calls of the next one begin
LONG_AFTER = 0.01  # the same where somebody has to wait by then, or will wait for ever
HEAD_START = 1.0  # seconds for the processes to start
AT_MOST = 5  # seconds that a script waits for them beyond their time

AT = '''\
def wait_until(moment):
    """Spins, so that all processes go on at the same moment."""
    while time.monotonic() < moment:
        pass'''
RECORD = '''\
def outcome(function):
    """What a function returns or raises, in words."""
    try:
        return f"returned {function()!r}"
    except Exception as error:
        return f"raised {type(error).__name__}"'''


def race(spec: Spec, violation: Violation, blamed: Blamed, implementation: ImportPath) -> Iterator[Body]:
    """A race that may show the violation, if its history is one and no order of its calls would explain it."""
    if violation.witness.script is None or spec.parts or spec.threads:
        return
    asked = replace(blamed.call, actor=blamed.call.actor + 1, observed=blamed.observed)
    calls = [replace(call, actor=call.actor + 1) for call in violation.history if precedes(call, blamed.call)]
    rounds = in_rounds(violation)
    for prepared in (True, False):
        choice = Selection(spec, asked, violation.clause.rpartition(".")[2])
        whole = arranged(violation.witness.script.make, calls, asked, rounds, prepared)
        program = choice.reduced(whole)
        found = choice.proof(program)
        if found is not None and not stays(spec, program) and tellable(program, asked, found):
            yield Race(spec, program, asked, found, implementation, rounds=rounds).body()
            return


def tellable(program: Program, asked: Call, proof: Proof) -> bool:
    """Whether it takes several processes, each of which says of one call at most what it did."""
    told = [*proof.conditions, asked]
    if has_closed([part for part in program.parts if part.process == MAIN]):
        return False
    once = all(sum(part.has(call) for call in told) <= 1 for part in program.parts)
    children = sum(part.process != MAIN for part in program.parts)
    return once and children > 1 and not proof.early


def precedes(call: Call, asked: Call) -> bool:
    """Whether a call may matter: of the same process, only those before."""
    return call.id != asked.id and (call.actor != asked.actor or call.start < asked.start)


def in_rounds(violation: Violation) -> dict[int, int]:
    """The round of each call of the history, by its id; those that freed somebody come last."""
    assert violation.witness.script is not None
    rounds: dict[int, int] = {}
    for actor in {call.actor for call in violation.history}:
        made_ = [index for index, each in enumerate(violation.witness.script.rounds) for _ in each.get(actor, ())]
        calls = sorted((c for c in violation.history if c.actor == actor), key=lambda call: call.start)
        last = len(violation.witness.script.rounds)
        rounds |= {call.id: made_[i] if i < len(made_) else last for i, call in enumerate(calls)}
    return rounds


def arranged(make: object, calls: list[Call], asked: Call, rounds: dict[int, int], prepared: bool) -> Program:
    """A process for each actor, all together; before that, if asked for, the first rounds in the main process."""
    everything = sorted([*calls, asked], key=lambda call: (call.start, call.id))
    first = [call for call in everything if prepared and rounds[call.id] < rounds[asked.id] and call.id != asked.id]
    rest = [call for call in everything if call not in first]
    parts = [Part(MAIN, tuple(replace(call, actor=MAIN) for call in first))] if first else []
    for actor in sorted({call.actor for call in rest}):
        parts.append(Part(actor, tuple(call for call in rest if call.actor == actor), background=True))
    return Program(make, tuple(parts))  # type: ignore[arg-type]


@dataclass
class Race(Writing):
    """A race on its way to a body. ``rounds`` tell which calls begin together."""

    rounds: dict[int, int] | None = None

    def body(self) -> Body:
        """The check, and what it needs."""
        self.imports.add("import time")
        prepared = [part for part in self.program.parts if part.process == MAIN]
        racing = [part for part in self.program.parts if part.process != MAIN]
        targets = [
            self.target(part, self.racer(part), [f"{self.names[0]}s", "begin", *self.file(part)]) for part in racing
        ]
        lines = self.objects() + [self.loop(part) for part in prepared] + self.started(racing, targets)
        shared, more = definitions(self.used)
        self.imports |= more
        recorded = [RECORD] if self.proof.conditions else []
        constants = f"OBJECTS = {self.count()}\nPAUSE = {self.pause():g}  # seconds from one object to the next"
        source = "\n\n\n".join(each for each in [constants, shared, AT, *recorded, *self.targets.values()] if each)
        check = "def check(mp):\n" + indent("\n".join(self.within(lines)), "    ") + "\n"
        return Body(source, check, tuple(sorted(self.imports)))

    def count(self) -> int:
        """How many objects one run has."""
        return MANY_OBJECTS if self.spec.light else OBJECTS

    def pause(self) -> float:
        """Seconds from one object to the next."""
        return self.later() * len(self.offsets())

    def later(self) -> float:
        """Seconds from one round to the next."""
        return LONG_AFTER if self.proof.possible.waits else LATER

    def offsets(self) -> list[int]:
        """The rounds of the calls of all processes, in order."""
        assert self.rounds is not None
        return sorted({self.rounds[c.id] for part in self.program.parts if part.process != MAIN for c in part.calls})

    def objects(self) -> list[str]:
        """The lines that make the objects."""
        return [
            f"{self.names[0]}s = [{self.note(write_constructor(self.spec, self.program.make))} for _ in range(OBJECTS)]"
        ]

    def within(self, lines: list[str]) -> list[str]:
        """The lines in the block of the manager, if the objects need one."""
        if not self.spec.manager:
            return lines
        inside = [self.by_own_manager(lines[0]), *lines[1:]]
        return ["with mp.Manager() as manager:", indent("\n".join(inside), "    ")]

    def loop(self, part: Part) -> str:
        """What is done with all objects before the race."""
        calls = "\n".join(self.call(call) for call in part.calls)
        return f"for {self.names[0]} in {self.names[0]}s:\n{indent(calls, '    ')}"

    def racer(self, part: Part) -> list[str]:
        """The lines of a process."""
        assert self.rounds is not None
        lines: list[str] = []
        for index, call in enumerate(part.calls):
            offset = self.offsets().index(self.rounds[call.id])
            if index == 0 or self.rounds[part.calls[index - 1].id] != self.rounds[call.id]:
                later = f" + {offset * self.later():g}" if offset else ""
                lines.append(f"wait_until(begin + number * PAUSE{later})")
            lines.append(self.recorded(call) if self.is_needed(call) else self.call(call))
        loop = f"for number, {self.names[0]} in enumerate({self.names[0]}s):\n" + indent("\n".join(lines), "    ")
        if not self.file(part):
            return [loop]
        return ['with open(path, "w", buffering=1) as file:', indent(loop, "    ")]

    def file(self, part: Part) -> list[str]:
        """The parameter of a process that says where it writes what it sees, if it does."""
        return ["path"] if any(self.is_needed(call) for call in part.calls) else []

    def is_needed(self, call: Call) -> bool:
        """Whether the result of a call must be compared with those of others."""
        conditions = self.proof.conditions
        return bool(conditions) and any(call.id == each.id for each in (*conditions, self.asked))

    def recorded(self, call: Call) -> str:
        """A call whose outcome is written down."""
        return f"print(outcome(lambda: {self.note(self.statement(call))}), file=file)"

    def started(self, parts: list[Part], targets: list[str]) -> list[str]:
        """The lines that start the processes, and say what they have shown."""
        objects = f"{self.names[0]}s"
        begin = f"begin = time.monotonic() + {HEAD_START:g}"
        if not self.proof.conditions:
            tuple_ = ", ".join(targets) + ("," if len(targets) == 1 else "")
            return [
                begin,
                f"targets = ({tuple_})",
                f"processes = [mp.Process(target=target, args=({objects}, begin), daemon=True) for target in targets]",
                *self.run(),
                *self.exits(),
            ]
        self.imports |= {"import os", "import tempfile"}
        return [
            begin,
            "with tempfile.TemporaryDirectory() as directory:",
            indent(self.compared(parts, targets), "    "),
        ]

    def run(self) -> list[str]:
        """The lines that start the processes and wait for them."""
        start = "for process in processes:\n    process.start()"
        if self.asked.observed is None:
            return [start, "for process in processes:\n    process.join()"]
        wait = "for process in processes:\n    process.join(max(0, end - time.monotonic()))"
        return [f"end = begin + OBJECTS * PAUSE + {AT_MOST}", start, wait]

    def exits(self) -> list[str]:
        """What the ends of the processes must be."""
        if self.asked.observed is None:
            return []
        said = '"see what a process raised"'
        return [f"assert all(process.exitcode in (None, 0) for process in processes), {said}"]

    def compared(self, parts: list[Part], targets: list[str]) -> str:
        """The block that compares what the processes have written down."""
        objects, names, processes = f"{self.names[0]}s", [], []
        for part, target, ordinal in zip(parts, targets, ORDINALS, strict=False):
            path = f', os.path.join(directory, "{ordinal}")' if self.file(part) else ""
            names += [ordinal] * bool(path)
            processes.append(f"    mp.Process(target={target}, args=({objects}, begin{path}), daemon=True),")
        listed = "\n".join(["processes = [", *processes, "]"])
        files = ", ".join(f'open(os.path.join(directory, "{name}"))' for name in names)
        loop = f"for {', '.join(names)} in zip({files}):"
        return "\n".join([listed, *self.run(), loop, indent(self.verdicts(parts, names), "    ")])

    def verdicts(self, parts: list[Part], names: list[str]) -> str:
        """What the outcomes for one object must not be together."""
        recorded = [call for part in parts for call in part.calls if self.is_needed(call)]
        pairs = list(zip(names, recorded, strict=True))
        seen = " and ".join(self.is_as_seen(name, call) for name, call in pairs)
        said = ", ".join(
            f"{checks.escape_for_fstring(self.statement(call))} {{{name}.strip()}}" for name, call in pairs
        )
        return f'together = {quoted(seen)}\nassert not together, f"{said}"'

    def is_as_seen(self, line: str, call: Call) -> str:
        """The condition that a line says of a call that it came back as it was seen to."""
        seen = call.observed
        assert isinstance(seen, Observed)
        if seen.kind == "raised":
            return f"{line}.strip() == {'raised ' + seen.names[0].rpartition('.')[2]!r}"
        if not self.statement(call).has_value:
            return f"{line}.startswith({'returned '!r})"
        return f"{line}.strip() == {'returned ' + seen.text!r}"

"""From a race to the text of a check: processes that begin together, again and again on fresh objects."""

from dataclasses import dataclass
from textwrap import indent

from conformance.checking.script import Call
from conformance.reproduction.body import Body
from conformance.reproduction.from_history import checks, rounds
from conformance.reproduction.from_history.program import MAIN, Part
from conformance.reproduction.from_history.writer import ORDINALS, CheckWriter
from conformance.reproduction.source import quoted
from conformance.vocabulary.outcomes import Observed

OBJECTS = 50  # made for one batch: few enough for what has descriptors, by any start method
MANY_OBJECTS = 2000  # of those without
SECONDS = 4.0  # for batches of them
LATER = 0.001  # seconds after those of one round that the calls of the next one begin
LONG_AFTER = 0.01  # the same where a call has to wait by then, or will wait forever
AT_MOST = 5  # seconds that a script waits for processes beyond their time
BRIEFLY = 0.5  # the same for those of one object, one of which may rightly wait

REFUSALS = ("MemoryError", "OSError", "RuntimeError")  # also what is raised if the machine is short of something
RECORD = '''\
def outcome(function):
    """What a function returns or raises, in words."""
    try:
        return f"returned {function()!r}"
    except Exception as error:
        return f"raised {type(error).__name__}"'''
LINES = """\
def lines(directory, name):
    with open(os.path.join(directory, name)) as file:
        return file.read().splitlines()"""


@dataclass(frozen=True)
class Race:
    """A race as a check.

    ``order`` tells which calls begin together; ``waits`` says whether one of them may rightly wait.
    """

    writer: CheckWriter
    order: dict[int, int]
    waits: bool

    def body(self) -> Body:
        """The check, and what it needs."""
        writer = self.writer
        writer.imports |= set(rounds.IMPORTS)
        prepared = [part for part in writer.program.parts if part.process == MAIN]
        racing = [part for part in writer.program.parts if part.process != MAIN]
        objects = f"{writer.names[0]}s"
        lines = [f"{objects} = [{writer.constructor()} for _ in range(OBJECTS)]"]
        lines += [self.loop(part) for part in prepared] + rounds.in_meeting(self.run(racing))
        text = indent("\n".join(self.within(lines)), "    ")
        constants = f"OBJECTS = {self.count()}\nPAUSE = {self.pause():g}  # seconds from one object to the next"
        helpers = [rounds.READY, rounds.TOGETHER]
        helpers += ([RECORD] if writer.proof.conditions else []) + ([LINES] if self.told(racing) else [])
        defined = writer.definitions(*helpers)
        source = "\n\n\n".join([constants, defined, f"def race(mp):\n{text}"])
        seconds = rounds.SECONDS if self.waits else SECONDS
        return Body(source, rounds.in_batches(seconds), tuple(sorted(writer.imports)), True, writer.since)

    def count(self) -> int:
        """How many objects one batch has."""
        return 1 if self.waits else MANY_OBJECTS if self.writer.spec.light else OBJECTS

    def pause(self) -> float:
        """Seconds from one object to the next."""
        return self.later() * len(self.offsets())

    def later(self) -> float:
        """Seconds from one round to the next."""
        return LONG_AFTER if self.waits else LATER

    def offsets(self) -> list[int]:
        """The rounds of the calls of all processes, in order."""
        parts = self.writer.program.parts
        return sorted({self.order[call.id] for part in parts if part.process != MAIN for call in part.calls})

    def within(self, lines: list[str]) -> list[str]:
        """The lines in the block of the manager, if the objects need one."""
        if not self.writer.spec.manager:
            return lines
        inside = [self.writer.by_own_manager(lines[0]), *lines[1:]]
        return ["with mp.Manager() as manager:", indent("\n".join(inside), "    ")]

    def loop(self, part: Part) -> str:
        """What is done with all objects before the race."""
        name = self.writer.names[0]
        calls = "\n".join(self.writer.call(call) for call in part.calls)
        return f"for {name} in {name}s:\n{indent(calls, '    ')}"

    def racer(self, part: Part) -> list[str]:
        """The lines of a process."""
        name, lines = self.writer.names[0], []
        for index, call in enumerate(part.calls):
            offset = self.offsets().index(self.order[call.id])
            if index == 0 or self.order[part.calls[index - 1].id] != self.order[call.id]:
                later = f" + {offset * self.later():g}" if offset else ""
                lines.append(f"wait_until(begin + number * PAUSE{later})")
            lines.append(self.recorded(call) if self.is_recorded(call) else self.writer.call(call))
        loop = f"for number, {name} in enumerate({name}s):\n" + indent("\n".join(lines), "    ")
        begin = "begin = moment(directory)"
        if not self.records(part):
            return [begin, loop]
        return [begin, 'with open(path, "w", buffering=1) as file:', indent(loop, "    ")]

    def records(self, part: Part) -> bool:
        """Whether a process writes down what it sees."""
        return any(self.is_recorded(call) for call in part.calls)

    def is_recorded(self, call: Call) -> bool:
        """Whether the outcome of a call is written down, to be compared with others, or because it is wrong.

        Another call of the same method that raises what it must not is as good as the one to blame.
        """
        asked, conditions = self.writer.asked, self.writer.proof.conditions
        if asked.observed is None or call.id == asked.id or conditions:
            return asked.observed is not None and any(call.id == each.id for each in (*conditions, asked))
        part = self.writer.program.part_of(call)
        alike = [each for each in part.calls if each.op == asked.op]
        return asked.observed.kind == "raised" and not part.has(asked) and alike[-1:] == [call]

    def recorded(self, call: Call) -> str:
        """A call whose outcome is written down; without others to compare it with, it is if that is wrong."""
        if self.writer.proof.conditions:
            return f"print(outcome(lambda: {self.writer.note(self.writer.statement(call))}), file=file)"
        attempt, seen = f"try:\n{indent(self.writer.call(call), '    ')}", self.writer.asked.observed
        if seen is None or seen.kind != "raised":
            return f"{attempt}\nexcept AssertionError as error:\n    print(repr(error), file=file)"
        refused = [name for name in REFUSALS if f"builtins.{name}" not in seen.names]
        return (
            f"{attempt}\nexcept ({', '.join(refused)}):\n    raise  # as if the machine refused something"
            "\nexcept Exception as error:\n    print(repr(error), file=file)"
        )

    def told(self, parts: list[Part]) -> list[str]:
        """The names of the files in which processes write down what they see."""
        return [name for name, part in zip(ORDINALS, parts, strict=False) if self.records(part)]

    def run(self, parts: list[Part]) -> list[str]:
        """The lines that start the processes, wait for those that must end, and return what they have shown."""
        objects = f"{self.writer.names[0]}s"
        made = []
        for part, name in zip(parts, ORDINALS, strict=False):
            path = ["path"] * self.records(part)
            target = self.writer.target(part, self.racer(part), [objects, "directory", *path])
            given = f', os.path.join(directory, "{name}")' if path else ""
            made.append(f"    mp.Process(target={target}, args=({objects}, directory{given}), daemon=True),")
        return [
            "processes = [",
            *made,
            "]",
            "start(processes, directory, words)",
            *self.join(parts),
            *self.wrong(parts),
        ]

    def join(self, parts: list[Part]) -> list[str]:
        """The lines that wait for processes; without a limit, only for those that must end in any order."""
        failed = "any(process.exitcode for process in processes)"
        pause = "time.sleep(0.05)"
        if self.writer.asked.observed is None and self.waits:
            index = next(index for index, part in enumerate(parts) if part.has(self.writer.asked))
            open_ = f"processes[{index}].exitcode is None"
            return [f"while {open_} and not {failed}:\n    {pause}  # the others may rightly wait"]
        if self.writer.asked.observed is None:
            return [f"while any(process.exitcode is None for process in processes) and not {failed}:\n    {pause}"]
        limit = BRIEFLY if self.waits else f"OBJECTS * PAUSE + {AT_MOST}"
        wait = "for process in processes:\n    process.join(max(0, end - time.monotonic()))"
        return [f"end = time.monotonic() + {limit}", wait]

    def wrong(self, parts: list[Part]) -> list[str]:
        """The lines that return what was wrong, and end what is left."""
        failed = "any(process.exitcode for process in processes)"
        error = 'raise RuntimeError("a process failed, which shows nothing")'
        names = self.told(parts)
        if not names:
            return [f"failed = {failed}", "stop(processes)", f"if failed:\n    {error}", "return []"]
        files = ", ".join(f'lines(directory, "{name}")' for name in names)
        found = [f"wrong = {files}" if len(names) == 1 else f"wrong = max({files}, key=len)"]
        found = self.compared(parts, names, files) if self.writer.proof.conditions else found
        return [
            f"failed = {failed}",
            "stop(processes)",
            *found,
            f"if failed and not wrong:\n    {error}",
            "return wrong",
        ]

    def compared(self, parts: list[Part], names: list[str], files: str) -> list[str]:
        """The lines that collect the objects of which the outcomes are together what no order explains."""
        recorded = [call for part in parts for call in part.calls if self.is_recorded(call)]
        pairs = list(zip(names, recorded, strict=True))
        seen = " and ".join(self.is_as_seen(name, call) for name, call in pairs)
        said = ", ".join(f"{checks.escape_for_fstring(self.writer.statement(call))} {{{name}}}" for name, call in pairs)
        block = f'if {seen}:\n    wrong.append(f"{said}")'
        return ["wrong = []", f"for {', '.join(names)} in zip({files}):", indent(block, "    ")]

    def is_as_seen(self, line: str, call: Call) -> str:
        """The condition that a line says of a call that it came back as it was seen to."""
        seen = call.observed
        assert isinstance(seen, Observed)
        if seen.kind == "raised":
            return f'{line} == "raised {seen.names[0].rpartition(".")[2]}"'
        if not self.writer.statement(call).has_value:
            return f'{line}.startswith("returned ")'
        return f"{line} == {quoted(repr('returned ' + seen.text))}"

"""From a program to the text of a check: the main process, and a function for each other one."""

from dataclasses import dataclass
from textwrap import indent

from conformance.reproduction.body import Body
from conformance.reproduction.from_history import checks, rounds
from conformance.reproduction.from_history.program import MAIN, Part
from conformance.reproduction.from_history.writer import ORDINALS, CheckWriter

ENOUGH = 1  # seconds after which a call is said to wait
BRIEFLY = 0.25  # the same in a round: the bug only shows less often if it takes longer


@dataclass(frozen=True)
class Writing:
    """A program as one check, in which processes begin one after the other."""

    writer: CheckWriter

    def body(self) -> Body:
        """The check, and what it needs."""
        writer, parts = self.writer, self.writer.program.parts
        lines = [line for index, part in enumerate(parts) for line in self.part(index, part)]
        lines = self.around(lines + self.ending())
        if self.in_rounds:
            writer.imports |= set(rounds.IMPORTS)
            lines = rounds.in_meeting(lines)
        text = indent("\n".join(lines), "    ")
        starts = any(word in text for word in (".Process(", ".Manager(", ".Pool(", "Queue("))
        attempt = [f"def attempt(mp):\n{text}"] if self.in_rounds else []
        defined = "\n\n\n".join(
            filter(None, [writer.definitions(*([rounds.READY] if self.in_rounds else [])), *attempt])
        )
        check = rounds.one_by_one() if self.in_rounds else f"def check(mp):\n{text}\n"
        return Body(defined, check, tuple(sorted(writer.imports)), starts, writer.since)

    @property
    def in_rounds(self) -> bool:
        """Whether it takes luck to show the bug: something begins while a call of another process is under way."""
        return any(part.background for part in self.writer.program.parts[:-1])

    def around(self, lines: list[str]) -> list[str]:
        """The lines after that which makes the object, in the block of what must be ended."""
        writer = self.writer
        made, name = writer.constructor(), ", ".join(writer.names)
        block = indent("\n".join(lines), "    ")
        if writer.spec.unmake:
            return [f"with {made} as {name}:", block]
        if writer.spec.manager:
            return ["with mp.Manager() as manager:", f"    {name} = {writer.by_own_manager(made)}", block]
        return [f"{name} = {made}", *lines]

    def part(self, index: int, part: Part) -> list[str]:
        """The lines of the main process for a part."""
        writer = self.writer
        lines = [writer.call(call) for call in part.calls]
        if part.process == MAIN:
            return lines
        is_last = index == len(writer.program.parts) - 1
        says = part.background and not is_last
        if says:
            lines.insert(part.ready_after, "announce(directory)")
        name, started = self.start(index, part, lines, [*writer.names, *(["directory"] if says else [])])
        if not part.background:
            return [*started, f"{name}.join()", *self.verdict(part, name), *self.failure(part, name)]
        if is_last:
            return started
        return [*started, f"await_word(words, {name})", f"time.sleep({rounds.A_WHILE})  # until it waits"]

    def start(self, index: int, part: Part, lines: list[str], parameters: list[str]) -> tuple[str, list[str]]:
        """What a process is called, and the lines that start it."""
        writer = self.writer
        target, name = writer.target(part, lines, parameters), self.process_name(index)
        kind = "threading.Thread" if writer.spec.threads else "mp.Process"
        writer.imports |= {"import threading"} if writer.spec.threads else set()
        daemon = ", daemon=True" if part.background else ""
        arguments = ", ".join(parameters) + ("," if len(parameters) == 1 else "")
        started = [f"{name} = {kind}(target={target}, args=({arguments}){daemon})", f"{name}.start()"]
        return name, started + ([f"{end}.close()" for end in writer.owned(part)] if writer.spec.parts else [])

    def process_name(self, index: int) -> str:
        """What the main process calls another one."""
        children = [number for number, part in enumerate(self.writer.program.parts) if part.process != MAIN]
        if len(children) == 1:
            return "thread" if self.writer.spec.threads else "process"
        number = children.index(index)
        return ORDINALS[number] if number < len(ORDINALS) else f"process_{number + 1}"

    def ending(self) -> list[str]:
        """What the main process does at last about a call that is made apart."""
        for index, part in enumerate(self.writer.program.parts):
            if part.background and part.has(self.writer.asked):
                name, enough = self.process_name(index), BRIEFLY if self.in_rounds else ENOUGH
                waits = self.writer.proof.possible.waits
                return [f"{name}.join({enough if waits else ''})", *self.verdict(part, name)]
        return []

    def failure(self, part: Part, name: str) -> list[str]:
        """What is done about a process that has failed: the call to blame may then rightly wait."""
        writer = self.writer
        if writer.asked.observed is not None or part.has(writer.asked) or writer.spec.threads:
            return []
        return [f'if {name}.exitcode:\n    raise RuntimeError("a process failed, which shows nothing")']

    def verdict(self, part: Part, name: str) -> list[str]:
        """What the end of another process must be."""
        asked, possible = self.writer.asked, self.writer.proof.possible
        if not part.has(asked) or asked.observed is None:
            return []
        said = f'f"its exit code is {{{name}.exitcode}}"'
        if possible.waits and possible.outcomes:
            return [f"assert {name}.exitcode in (None, 0), {said}"]
        if possible.waits:
            condition = f"{name}.is_alive()" if self.writer.spec.threads else f"{name}.exitcode is None"
            call = checks.escape_for_fstring(self.writer.statement(asked))
            return [f'assert {condition}, "{call} did not wait"']
        return [f"assert {name}.exitcode == 0, {said}"]

"""From a program to the text of a check: the main process, and a function for each other one."""

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Any

from conformance.checking.script import Call
from conformance.reproduction.body import Body, ImportPath
from conformance.reproduction.from_history import checks
from conformance.reproduction.from_history.functions import definitions
from conformance.reproduction.from_history.program import MAIN, Part, Program, Proof, Question
from conformance.reproduction.source import Statement, exception, literal, write_call, write_constructor
from conformance.vocabulary.outcomes import Outcome
from conformance.vocabulary.spec import Spec
from conformance.vocabulary.values import text

SUBMODULE = re.compile(r'module\(mp, "(\w+)"\)')
ENDS = ("a", "b")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
A_WHILE = 0.3  # seconds that a script gives others to begin to wait: how many are enough decides how often it shows
EASILY_TOLD = 0.5  # seconds of timeout
ENOUGH = 1  # seconds after which a call is said to wait


@dataclass
class Writing:
    """One program on its way to a body; ``asked`` is the call that breaks the promise."""

    spec: Spec
    program: Program
    asked: Call
    proof: Proof
    implementation: ImportPath
    imports: set[str] = field(default_factory=set)
    used: list[Any] = field(default_factory=list)  # functions of the spec
    targets: dict[str, str] = field(default_factory=dict)  # functions of processes, by name

    def body(self) -> Body:
        """The check, and what it needs."""
        lines = [line for index, part in enumerate(self.program.parts) for line in self.part(index, part)]
        lines = self.around(lines + self.ending())
        if any(part.background and part.ready_after for part in self.program.parts):
            self.imports |= {"import os", "import tempfile"}
            head = ["with tempfile.TemporaryDirectory() as directory:", '    ready = os.path.join(directory, "ready")']
            lines = [*head, indent("\n".join(lines), "    ")]
        check = indent("\n".join(lines), "    ")
        shared, more = definitions(self.used)
        self.imports |= more
        starts = any(word in check for word in (".Process(", ".Manager(", ".Pool(", "Queue("))
        defined = [each for each in [shared, *self.targets.values()] if each]
        return Body("\n\n\n".join(defined), f"def check(mp):\n{check}\n", tuple(sorted(self.imports)), starts)

    @property
    def names(self) -> tuple[str, ...]:
        """What the script calls the object, or its parts."""
        return ENDS if self.spec.parts else (self.spec.called,)

    def around(self, lines: list[str]) -> list[str]:
        """The lines after that which makes the object, in the block of what must be ended."""
        made_ = self.note(write_constructor(self.spec, self.program.make))
        name = ", ".join(self.names)
        block = indent("\n".join(lines), "    ")
        if self.spec.unmake:
            return [f"with {made_} as {name}:", block]
        if self.spec.manager:
            return ["with mp.Manager() as manager:", f"    {name} = {self.by_own_manager(made_)}", block]
        return [f"{name} = {made_}", *lines]

    def by_own_manager(self, made_: str) -> str:
        """The source that makes an object, by the script's manager in the place of that of the stage."""
        assert self.spec.manager is not None
        return made_.replace(f"{self.spec.manager.__name__}(mp)", "manager")

    def note(self, statement: Statement) -> str:
        """The text of a statement whose functions the script will need."""
        needed = [function for function in statement.functions if function is not self.spec.manager]
        self.used += [function for function in needed if function.__module__.startswith("specs.")]
        return SUBMODULE.sub(self.submodule, statement.text)

    def submodule(self, asked: re.Match[str]) -> str:
        """A submodule, as a script gets at it."""
        (name,) = asked.groups()
        if self.implementation.is_part:
            return f"mp.{name}"
        self.imports.add(f"from {self.implementation.modules} import {name}")
        return name

    def part(self, index: int, part: Part) -> list[str]:
        """The lines of the main process for a part."""
        if part.process == MAIN:
            return [self.call(call) for call in part.calls]
        lines = [self.call(call) for call in part.calls]
        ready = ["ready"] if part.background and part.ready_after else []
        if ready:
            lines.insert(part.ready_after, 'open(ready, "w").close()')
        parameters = [*self.names, *ready]
        target, name = self.target(part, lines, parameters), self.process_name(index)
        kind = "threading.Thread" if self.spec.threads else "mp.Process"
        self.imports |= {"import threading"} if self.spec.threads else set()
        daemon = ", daemon=True" if part.background else ""
        arguments = ", ".join(parameters) + ("," if len(parameters) == 1 else "")
        started = [f"{name} = {kind}(target={target}, args=({arguments}){daemon})", f"{name}.start()"]
        if self.spec.parts:
            started += [f"{end}.close()" for end in self.owned(part)]
        if not part.background:
            return [*started, f"{name}.join()", *self.verdict(part, name)]
        if index == len(self.program.parts) - 1:
            return started
        self.imports |= {"import time"} | ({"import os"} if ready else set())
        started += ["while not os.path.exists(ready):\n    time.sleep(0.01)"] if ready else []
        return [*started, f"time.sleep({A_WHILE})  # until it waits"]

    def owned(self, part: Part) -> list[str]:
        """The ends of a pipe that belong to this process alone."""
        mine = {call.actor for call in part.calls}
        others = {call.actor for other in self.program.parts if other is not part for call in other.calls}
        return [ENDS[actor] for actor in sorted(mine - others)]

    def process_name(self, index: int) -> str:
        """What the main process calls another one."""
        children = [number for number, part in enumerate(self.program.parts) if part.process != MAIN]
        if len(children) == 1:
            return "thread" if self.spec.threads else "process"
        number = children.index(index)
        return ORDINALS[number] if number < len(ORDINALS) else f"process_{number + 1}"

    def target(self, part: Part, lines: list[str], parameters: list[str]) -> str:
        """The name of a function with these lines, defined if there is none."""
        name = "_and_".join(list(dict.fromkeys(call.op for call in part.calls))[:3])
        name = f"{name}_it" if hasattr(builtins, name) or name in self.names else name
        if self.spec.parts:
            lines = [f"{end}.close()" for end in ENDS if end not in self.owned(part)] + lines
        body = indent("\n".join(lines), "    ")
        while self.targets.get(name) not in (None, source := f"def {name}({', '.join(parameters)}):\n{body}"):
            name += "_again"
        self.targets[name] = source
        return name

    def ending(self) -> list[str]:
        """What the main process does at last about a call that is made apart."""
        for index, part in enumerate(self.program.parts):
            if part.background and part.has(self.asked):
                name = self.process_name(index)
                waits = self.proof.possible.waits
                return [f"{name}.join({ENOUGH if waits else ''})", *self.verdict(part, name)]
        return []

    def verdict(self, part: Part, name: str) -> list[str]:
        """What the end of another process must be."""
        if not part.has(self.asked) or self.asked.observed is None:
            return []
        said = f'f"its exit code is {{{name}.exitcode}}"'
        if self.proof.possible.waits and self.proof.possible.outcomes:
            return [f"assert {name}.exitcode in (None, 0), {said}"]
        if self.proof.possible.waits:
            condition = f"{name}.is_alive()" if self.spec.threads else f"{name}.exitcode is None"
            call = checks.escape_for_fstring(self.statement(self.asked))
            return [f'assert {condition}, "{call} did not wait"']
        return [f"assert {name}.exitcode == 0, {said}"]

    def statement(self, call: Call) -> Statement:
        """A call as source."""
        return write_call(self.spec, call, self.name(call))

    def name(self, call: Call) -> str:
        """The variable whose method is called."""
        return self.names[call.actor] if self.spec.parts else self.names[0]

    def call(self, call: Call) -> str:
        """The statements of one call."""
        statement = self.statement(call)
        self.note(statement)
        if call.id != self.asked.id:
            return self.other(call, statement)
        if call.observed is None:
            permitted = self.promised(self.proof.possible.outcomes)
            self.imports |= {"from contextlib import suppress"} if permitted.errors else set()
            return checks.in_passing(statement, permitted)
        if self.proof.early:
            self.imports.add("import time")
            self.use([call.observed.names[0]] if call.observed.kind == "raised" else [])
            patient, timeout = self.patient(call)
            return checks.not_early(self.statement(patient), call.observed, timeout, self.known)
        return checks.held(statement, self.promised(self.proof.possible.outcomes), call.observed)

    def other(self, call: Call, statement: Statement) -> str:
        """The statements of a call that is not the one to blame."""
        permitted = self.promised(Question(self.spec, self.program, call).answer().outcomes)
        if any(call.id == each.id for each in self.proof.conditions) and call.observed:
            self.use([call.observed.names[0]] if call.observed.kind == "raised" else [])
            return checks.as_condition(statement, permitted, call.observed, self.known)
        self.imports |= {"from contextlib import suppress"} if permitted.errors else set()
        return checks.in_passing(statement, permitted)

    def promised(self, outcomes: Iterable[Outcome]) -> checks.Promised:
        """Outcomes by kind, with imports for the exceptions."""
        found = checks.promised(outcomes, self.known)
        self.use(found.errors)
        return found

    def use(self, errors: Iterable[str]) -> None:
        """Imports exceptions."""
        self.imports |= {line for error in errors if (line := exception(error)[1])}

    def patient(self, call: Call) -> tuple[Call, float]:
        """The call with a timeout, in seconds, that is easily told from a delay; if it is its own."""
        names = list(self.spec.operations[call.op].domains)
        given = [*zip(names, call.args, strict=False), *call.kwargs.items()]
        if not dict(given).get("timeout"):
            return call, self.program.make["timeout"]
        args = tuple(EASILY_TOLD if name == "timeout" else value for name, value in zip(names, call.args, strict=False))
        kwargs = {name: EASILY_TOLD if name == "timeout" else value for name, value in call.kwargs.items()}
        return replace(call, args=args, kwargs=kwargs), EASILY_TOLD

    @property
    def known(self) -> dict[str, str]:
        """Sources of the values of all calls, by their canonical text."""
        values = [value for call in self.program.calls for value in (*call.args, *call.kwargs.values())]
        return {text(value): literal(value) for value in values}

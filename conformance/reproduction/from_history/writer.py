"""The calls of a check as source, and what they need: imports, and functions of the spec and of processes."""

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Any

from conformance.checking.script import Call
from conformance.reproduction.body import ImportPath
from conformance.reproduction.from_history import checks
from conformance.reproduction.from_history.functions import definitions
from conformance.reproduction.from_history.program import Part, Program, Proof, Question
from conformance.reproduction.source import Statement, exception, literal, write_call, write_constructor
from conformance.vocabulary.clauses import Version
from conformance.vocabulary.outcomes import Outcome
from conformance.vocabulary.spec import Spec
from conformance.vocabulary.values import text

SUBMODULE = re.compile(r'module\(mp, "(\w+)"\)')
ENDS = ("a", "b")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
EASILY_TOLD = 0.5  # seconds of timeout


@dataclass
class CheckWriter:
    """Writes down one program; ``asked`` is the call that breaks the promise."""

    spec: Spec
    program: Program
    asked: Call
    proof: Proof
    implementation: ImportPath
    imports: set[str] = field(default_factory=set)
    used: list[Any] = field(default_factory=list)  # functions of the spec
    targets: dict[str, str] = field(default_factory=dict)  # functions of processes, by name

    @property
    def since(self) -> Version:
        """The first version of Python that has all operations of the program."""
        return max(self.spec.operations[call.op].since for call in self.program.calls)

    @property
    def names(self) -> tuple[str, ...]:
        """What the script calls the object, or its parts."""
        return ENDS if self.spec.parts else (self.spec.called,)

    def definitions(self, *others: str) -> str:
        """All functions that the check needs: of the spec, some others, and those of processes."""
        shared, more = definitions(self.used)
        self.imports |= more
        return "\n\n\n".join(each for each in [shared, *others, *self.targets.values()] if each)

    def constructor(self) -> str:
        """The source that creates the object."""
        return self.note(write_constructor(self.spec, self.program.make))

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

    def owned(self, part: Part) -> list[str]:
        """The ends of a pipe that belong to this process alone."""
        mine = {call.actor for call in part.calls}
        others = {call.actor for other in self.program.parts if other is not part for call in other.calls}
        return [ENDS[actor] for actor in sorted(mine - others)]

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

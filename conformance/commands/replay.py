"""``mpconform replay``: runs a witness again, and says whether its clause is violated."""

import argparse
import sys
from pathlib import Path
from typing import Any

from conformance import catalogue
from conformance.checking.witness import BrokenWitness, Witness
from conformance.deviations import witness_file
from conformance.deviations.witness_file import WitnessFile
from conformance.driver import control
from conformance.driver.replay import Replayed, replay
from conformance.reporting import message, terminal
from conformance.reporting.introduction import introduce
from conformance.subjects.adapters import choose
from conformance.subjects.applicability import applicable, lacking, obstacle
from conformance.subjects.subject import Interpreter, Subject, probe, subjects


def run(arguments: argparse.Namespace) -> int:
    """Replays the witness of a file; returns 1 if it was reproduced, 0 if not. Raises BrokenWitness, Unusable."""
    if arguments.times < 1:
        raise BrokenWitness(f"--times takes a number of runs, not {arguments.times}.")
    file = witness_file.load(Path(arguments.file))
    on = chosen(arguments, file)
    if why_not := refusal(file.witness, on.interpreter):
        raise BrokenWitness(why_not)
    out = terminal.console()
    introduce(out, [on.interpreter])
    control.require(on, [file.witness.clause])
    replayed = replay(file.witness, on, arguments.times)
    out.print(describe_replay(replayed, on), highlight=False, markup=False, soft_wrap=True)
    return int(bool(replayed.hits))


def refusal(witness: Witness, interpreter: Interpreter) -> str:
    """Why the witness shows nothing on an interpreter, in a sentence; nothing if it may."""
    entry = catalogue.owner(witness.clause)
    if why_not := obstacle(entry.spec, entry.spec.clauses[witness.clause], interpreter):
        return f"{witness.clause} does not apply to {interpreter}: {why_not.reason}."
    missing = lacking(applicable(entry, interpreter).spec, witness.script)
    return f"{interpreter} has no {', '.join(sorted(missing))}." if missing else ""


def chosen(arguments: argparse.Namespace, file: WitnessFile) -> Subject:
    """The subject that the options name, or else the file. Raises Unusable."""

    def option(name: str, default: Any) -> Any:
        return getattr(arguments, name) or file.subject.get(name) or default

    path = tuple(str(Path(each).resolve()) for each in option("implementation_path", ()))
    choice = choose(option("implementation", None), option("adapter", None))
    interpreter = probe(option("python", sys.executable), choice, path)
    return subjects(interpreter, (option("start_method", interpreter.start_methods[0]),))[0]


def describe_replay(replayed: Replayed, subject: Subject) -> str:
    """The outcome, with the rate, and the shortest violation in full."""
    clause = catalogue.clauses()[replayed.witness.clause]
    rate = f"{clause.name} was violated in {replayed.hits} of {replayed.tries} runs on {subject}."
    if replayed.hits:
        return f"{message.violation(clause, subject, replayed.violations[0], replayed.hits)}\n\nREPRODUCED: {rate}"
    others = [message.unknown(clause, subject, unknown) for unknown in replayed.unknowns]
    return "\n".join([*others, f"NOT REPRODUCED: {rate}"])

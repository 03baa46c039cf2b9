"""``mpconform replay``: runs a witness again, and says whether its clause is violated."""

import argparse
import sys
from pathlib import Path
from typing import Any

from conformance import catalogue
from conformance.driver.replay import Replayed, replay
from conformance.driver.subject import Subject, probe, subjects
from conformance.reporting import message, terminal, witness_file
from conformance.reporting.witness_file import WitnessFile
from conformance.witness import BrokenWitness


def run(arguments: argparse.Namespace) -> int:
    """Replays the witness of a file; returns 1 if it was reproduced, 0 if not. Raises BrokenWitness, Unusable."""
    if arguments.times < 1:
        raise BrokenWitness(f"--times takes a number of runs, not {arguments.times}.")
    file = witness_file.load(Path(arguments.file))
    on = chosen(arguments, file)
    if not catalogue.clauses()[file.witness.clause].promised_by(on.interpreter.version):
        raise BrokenWitness(f"{on.interpreter} does not promise {file.witness.clause}.")
    replayed = replay(file.witness, on, arguments.times)
    terminal.console().print(told(replayed, on), highlight=False, markup=False, soft_wrap=True)
    return int(bool(replayed.hits))


def chosen(arguments: argparse.Namespace, file: WitnessFile) -> Subject:
    """The subject that the options name, or else the file. Raises Unusable."""

    def option(name: str, default: Any) -> Any:
        return getattr(arguments, name) or file.subject.get(name) or default

    path = tuple(str(Path(each).resolve()) for each in option("implementation_path", ()))
    interpreter = probe(option("python", sys.executable), option("implementation", "multiprocessing"), path)
    return subjects(interpreter, (option("start_method", interpreter.start_methods[0]),))[0]


def told(replayed: Replayed, subject: Subject) -> str:
    """The outcome, with the rate, and the shortest violation in full."""
    clause = catalogue.clauses()[replayed.witness.clause]
    rate = f"{clause.name} was violated in {replayed.hits} of {replayed.tries} runs on {subject}."
    if replayed.hits:
        return f"{message.violation(clause, subject, replayed.violations[0], replayed.hits)}\n\nREPRODUCED: {rate}"
    others = [message.unknown(clause, subject, unknown) for unknown in replayed.unknowns]
    return "\n".join([*others, f"NOT REPRODUCED: {rate}"])
